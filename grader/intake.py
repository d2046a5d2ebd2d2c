"""What was handed in: from paths to the submissions of a batch, each with its student and attempt. Runs nothing.

Whose a submission is, the path tells. In this order: ``--student-from``; Moodle's folders
(``Ann Lee_1234_assignsubmission_file_``); Canvas's files (``leeann_LATE_1234_5678_dropout-1.ipynb``, where -1 is the
first resubmission); Gradescope's folders (``submission_1234``, named in ``submission_metadata.yml``); nbgrader's
``submitted/STUDENT/ASSIGNMENT``; the folder below the path that was given; the file's own name.

Sources of these names: docs.moodle.org "Assignment settings" (download in folders),
community.canvaslms.com "How do I download all student submissions for an assignment?",
help.gradescope.com "Export submissions", nbgrader.readthedocs.io "The philosophy and the approach".
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from grader.archive import BadArchive, unpack
from grader.errors import UsageError
from grader.task import SCRIPT

MOODLE = re.compile(r"(?P<student>.+)_\d+_assignsubmission_\w+")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?\d+_\d+_.+?(?:-(?P<attempt>\d+))?\.\w+")
GRADESCOPE = re.compile(r"submission_\d+")
NAME_BYTES = 200  # file systems take 255, and endings come on top
NESTED = 2  # zips in zips


@dataclass(frozen=True)
class Item:
    """One submission of a batch: where it is, what it is called, whose it is, where its executed notebook goes.

    ``name`` is unique in the batch and names files; ``attempt`` counts a student's submissions from 1. ``problem``
    says why there is nothing to read, where that is known already.
    """

    path: Path
    name: str
    student: str = ""
    attempt: int = 1
    executed: Path | None = None
    problem: str = ""


@dataclass(frozen=True)
class Found:
    """A submission, and its path as the batch sees it, below what was given or inside of an archive."""

    path: Path
    seen: Path
    problem: str = ""


def collect(paths: Iterable[Path], out: Path, student_from: str | None = None) -> list[Item]:
    """Every submission below the paths with a name of its own, in the order of the paths.

    All attempts of a student are in it: they count by the number in a file's name, then by time, then by name.
    ``student_from``: a regular expression with a group ``student``, and ``attempt`` if wanted, searched for in the
    path. Raises ``UsageError`` if it is none, or if there is no submission at all.
    """
    pattern = _pattern(student_from)
    found = [one for path in paths for one in _below(path, out)]
    if not any(one.path.exists() for one in found):
        named = ", ".join(map(str, paths))
        raise UsageError(f"there is no submission in {named}: give notebooks, dropout.py files or folders of them")
    named_ = _named(found, out)
    owners = [_owner(one, pattern) for one in found]
    order = sorted(range(len(found)), key=lambda n: (owners[n][0], owners[n][1], _time(found[n]), str(found[n].seen)))
    attempts = {n: k for _, own in groupby(order, key=lambda n: owners[n][0]) for k, n in enumerate(own, 1)}
    return [replace(item, student=owners[n][0], attempt=attempts[n]) for n, item in enumerate(named_)]


def _named(found: Iterable[Found], out: Path) -> Iterator[Item]:
    taken: set[str] = set()
    for one in found:
        stem = str(one.seen).removesuffix(".ipynb").removesuffix(".py").replace("/", "__")
        stem = shown = _printable(stem)
        if len(shown.encode()) > NAME_BYTES:
            digest = hashlib.sha256(os.fsencode(one.seen)).hexdigest()[:8]
            stem = f"{shown.encode()[: NAME_BYTES - 9].decode('utf-8', 'ignore')}-{digest}"
        name = next(s for s in (stem, *(f"{stem}-{k}" for k in range(2, len(taken) + 3))) if s not in taken)
        taken.add(name)
        yield Item(one.path, name, executed=out / "executed" / f"{name}.ipynb", problem=one.problem)


def _printable(text: str) -> str:
    """It is shown, and names files: control characters, halves of characters and changes of direction go."""
    return "".join(sign if sign.isprintable() else "_" for sign in text).strip() or "_"


# --- whose it is ---


def _pattern(student_from: str | None) -> re.Pattern[str] | None:
    example = r"--student-from 'group-\d/(?P<student>[^/]+)/'"
    try:
        pattern = re.compile(student_from) if student_from is not None else None
    except re.error as error:
        raise UsageError(f"--student-from: {error}; an example: {example}") from error
    if pattern is not None and "student" not in pattern.groupindex:
        raise UsageError(f"--student-from: there is no group (?P<student>…) in {student_from!r}; an example: {example}")
    return pattern


def _owner(one: Found, pattern: re.Pattern[str] | None) -> tuple[str, int]:
    """The student, and the number of the attempt where the path has one."""
    parts = one.seen.parts
    matches = [pattern.search(one.seen.as_posix())] if pattern else []
    matches += [MOODLE.fullmatch(part) for part in parts] + [CANVAS.fullmatch(part) for part in reversed(parts)]
    for match in filter(None, matches):
        attempt = match.groupdict().get("attempt")
        return _printable(match["student"] or ""), int(attempt) if attempt and attempt.isdecimal() else 0
    for part in parts:
        if GRADESCOPE.fullmatch(part):
            return _printable(_gradescope_name(one.path, part)), 0
    if "submitted" in parts[:-2]:
        return _printable(parts[parts.index("submitted") + 1]), 0
    return _printable(parts[0] if len(parts) > 1 else one.seen.stem), 0


def _gradescope_name(path: Path, submission: str) -> str:
    """The first submitter's name from the export's list, which is YAML of a fixed shape."""
    for folder in path.parents:
        listed = folder / "submission_metadata.yml"
        if listed.is_file():
            text = listed.read_text(encoding="utf-8", errors="replace")
            match = re.search(rf"^{submission}:\n(?:[ \t-].*\n)*?[ \t-]+:name: *(?P<student>.+)$", text, re.M)
            return match["student"].strip("'\" ") if match else submission
    return submission


def _time(one: Found) -> float:
    try:
        return one.path.stat().st_mtime
    except OSError:
        return 0.0


# --- where it is ---


def _below(path: Path, out: Path) -> Iterator[Found]:
    for one in find(path, skip=out):
        inside = one.relative_to(path) if path.is_dir() and one != path else Path(one.name or str(one))
        if one.suffix.lower() == ".zip" and one.is_file():
            # of an archive that was given itself, the name says nothing of whose its files are
            yield from _unpacked(Found(one, inside), inside.with_suffix("") if one != path else Path(), out, 1)
        else:
            yield Found(one, inside)


def _unpacked(archive: Found, seen: Path, out: Path, depth: int) -> Iterator[Found]:
    """What is in an archive, or the archive itself as a submission with a problem."""
    try:
        unpacked = unpack(archive.path, out / "unpacked")
    except BadArchive as error:
        yield replace(archive, problem=str(error))
        return
    files = [one for one in find(unpacked.folder) if one != unpacked.folder or (one / SCRIPT).exists()]
    for one in files:
        inside = seen / one.relative_to(unpacked.folder)
        if one.suffix.lower() != ".zip":
            yield Found(one, inside if inside.parts else Path(archive.path.stem))
        elif depth < NESTED:
            yield from _unpacked(Found(one, inside), inside.with_suffix(""), out, depth + 1)
        else:
            yield Found(one, inside, "an archive in an archive in an archive is not unpacked")
    for name, reason in unpacked.problems.items():
        yield Found(
            archive.path, seen / name.replace("..", "_").lstrip("/"), f"{name} in {archive.path.name}: {reason}"
        )
    if not files and not unpacked.problems:
        yield replace(archive, problem=f"there is no notebook and no {SCRIPT} in the archive")


def find(path: Path, skip: Path | None = None) -> Iterator[Path]:
    """The submissions below a path: the path itself unless it is a folder; a folder that holds both forms is one."""
    if not path.is_dir():
        yield path
        return
    if skip is not None and path.resolve() == skip.resolve():
        return
    try:
        entries = sorted(path.iterdir())
    except OSError:
        yield path
        return
    notebooks = [entry for entry in entries if entry.suffix == ".ipynb" and not entry.name.startswith(".")]
    script = path / SCRIPT
    if script.exists() and notebooks:
        yield path
    elif script.exists():
        yield script
    else:
        yield from notebooks
    yield from (
        entry
        for entry in entries
        if entry.suffix.lower() == ".zip" and not entry.is_dir() and not entry.name.startswith(".")
    )
    folders = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    for entry in folders:
        if entry not in notebooks and not entry.name.startswith((".", "__")):
            yield from find(entry, skip)
