"""What was handed in: from paths to the submissions of a batch, each with its student and attempt. Runs nothing.

Nothing that lies in a folder ends the batch: of what cannot be read, or is not to be read, the ``Item`` says why.
"""

# ruff: noqa: PTH100, PTH110, PTH112, PTH113, PTH114, PTH208 (pathlib follows links, or raises where a name is too long)

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from grader.archive import DEPTH, Allowance, BadArchive, unpack
from grader.errors import UsageError
from grader.gaps import gap, gaps
from grader.notebook import leads_out, printable
from grader.owners import Owner, is_script, owners
from grader.paths import Found, called, short, without_ending, without_zip
from grader.task import SCRIPT

NAME_BYTES = 200  # file systems take 255, and endings come on top
NESTED = 2  # zips in zips
ATTEMPTS = 50  # of one student that are graded: an archive of 300 would keep the class waiting


@dataclass(frozen=True)
class Item:
    """One submission of a batch: where it is, what it is called, whose it is, where its executed notebook goes.

    ``name`` is unique in the batch and names files; ``attempt`` counts a student's submissions from 1, and ``last`` is
    the one that counts. ``problem`` says why there is nothing to read, where that is known already.
    """

    path: Path
    name: str
    student: str = ""
    attempt: int = 1
    executed: Path | None = None
    problem: str = ""
    last: bool = False


def collect(paths: Iterable[Path], out: Path, student_from: str | None = None) -> list[Item]:
    """Every submission below the paths with a name of its own, in the order of the paths.

    All attempts of a student are in it, up to ``ATTEMPTS``: they count by the number in a file's name, then by time,
    then by name. ``student_from``: a regular expression with a group ``student``, and ``attempt`` if wanted, searched
    for in the path. Raises ``UsageError`` if it is none, or if there is no submission at all.
    """
    given = list(paths)
    found = sorted(_all_below(given, out), key=lambda one: one.missing)
    if not any(os.path.exists(one.path) and not one.missing for one in found):
        named = ", ".join(map(str, given))
        raise UsageError(f"there is no submission in {named}: give notebooks, dropout.py files or folders of them")
    found, whose = _once(found, owners(found, student_from))
    items = list(_named(found, out))
    order = sorted(
        range(len(found)), key=lambda n: (whose[n].name, whose[n].attempt, _time(found[n]), str(found[n].seen))
    )
    numbered: dict[int, Item] = {}
    for student, own in groupby(order, key=lambda n: whose[n].name):
        numbered |= _attempts(student, list(own), items)
    return [numbered[n] for n in range(len(items)) if n in numbered]


def _once(found: Sequence[Found], whose: Sequence[Owner]) -> tuple[list[Found], list[Owner]]:
    """Without places that miss a submission of somebody who has one, or is missed already; such places come last."""
    seen: set[str] = set()
    kept = []
    for one, owner in zip(found, whose, strict=True):
        if not (one.missing and owner.name in seen):
            kept.append((one, owner))
        seen.add(owner.name)
    return [one for one, _ in kept], [owner for _, owner in kept]


def _attempts(student: str, own: Sequence[int], items: Sequence[Item]) -> dict[int, Item]:
    """A student's submissions by their places in the batch; of too many the last ones, and one that says so."""
    left_out = own[: -ATTEMPTS or None] if len(own) > ATTEMPTS else ()
    kept = own[len(left_out) - 1 :] if left_out else own
    numbered = {n: replace(items[n], student=student, attempt=k, last=n == own[-1]) for k, n in enumerate(kept, 1)}
    if left_out:
        says = (
            f"{len(own)} submissions are {student}'s by their paths, and only the last {ATTEMPTS} are graded, without "
            f"this one and {len(left_out) - 1} others; if they are several students', --student-from tells them apart"
        )
        numbered[kept[0]] = replace(numbered[kept[0]], problem=says)
    return numbered


def _named(found: Iterable[Found], out: Path) -> Iterator[Item]:
    taken: set[str] = set()
    tried: Counter[str] = Counter()  # numbers behind a name: each is tried once
    for one in found:
        *folders, last = one.seen.parts
        stem = "__".join([*map(without_zip, folders), without_ending(last)])
        stem = shown = printable(stem)
        if len(shown.encode()) > NAME_BYTES:
            digest = hashlib.sha256(os.fsencode(one.seen)).hexdigest()[:8]
            stem = f"{shown.encode()[: NAME_BYTES - 9].decode('utf-8', 'ignore')}-{digest}"
        name = stem
        while name in taken:
            tried[stem] += 1
            name = f"{stem}-{tried[stem] + 1}"
        taken.add(name)
        yield Item(one.path, name, executed=out / "executed" / f"{name}.ipynb", problem=one.problem)


def _time(one: Found) -> float:
    if one.path.suffix.lower() == ".zip" and one.path.name != one.seen.name:
        return 0.0  # a file that was not unpacked: it does not outrank those that were
    try:
        return one.path.stat().st_mtime
    except OSError:
        return 0.0


# --- where it is ---


def _all_below(given: Sequence[Path], out: Path) -> Iterator[Found]:
    if len(given) == 1:
        # of a folder or an archive that was given alone, the name says nothing of whose its files are
        whole = Path(os.path.abspath(given[0]))
        found = list(_below(Found(given[0], Path()), Found(given[0], Path(whole.name), (whole,)), out))
        yield from found
        if [one.path for one in found] != [given[0]]:  # it is no submission itself, and was unpacked
            yield from gaps(given[0], found, out)
        return
    wholes = [Path(os.path.abspath(path)) for path in given]
    for path, whole, (parts, name) in zip(given, wholes, called(wholes), strict=True):
        places = (*reversed(whole.parents[: parts - 1]), whole)
        one = Found(path, Path(*whole.parts[-parts:]), places, parts, name)
        found = list(_below(one, one, out))
        yield from found or [gap(one)]


def _below(within: Found, alone: Found, out: Path) -> Iterator[Found]:
    """What is in a path that was given: ``alone`` as the one submission that it is, ``within`` as what holds them."""
    given = alone.path
    for one in find(given, skip=out):
        found = replace(within.at(given, one) if one != given else alone, problem=_problem(one, given))
        if one.suffix.lower() == ".zip" and os.path.isfile(one) and not found.problem:
            yield from _unpacked(found if one != given else within, found, out, Allowance.of(one), 1)
        else:
            yield found


def _unpacked(within: Found, archive: Found, out: Path, allowance: Allowance, depth: int) -> Iterator[Found]:
    """What is in an archive, or the archive itself as a submission with a problem."""
    try:
        unpacked = unpack(archive.path, out / "unpacked", allowance)
    except BadArchive as error:
        yield replace(archive, problem=printable(str(error)))
        return
    files = [one for one in find(unpacked.folder) if one != unpacked.folder or os.path.exists(one / SCRIPT)]
    for one in files:
        found = within.at(unpacked.folder, one)
        if one.suffix.lower() != ".zip":
            yield found if found.seen.parts else replace(archive, path=one, seen=Path(archive.path.stem))
        elif depth < NESTED:
            yield from _unpacked(found, found, out, allowance, depth + 1)
        else:
            yield replace(found, problem="an archive in an archive in an archive is not unpacked")
    for name, reason in unpacked.problems.items():
        inside = unpacked.folder / (name.replace("..", "_").lstrip("/") or "_")
        says = printable(f"{short(name)} in {short(archive.path.name)}: {reason}")
        yield replace(within.at(unpacked.folder, inside), path=archive.path, problem=says)
    if not files and not unpacked.problems:
        yield replace(archive, problem=f"there is no notebook and no {SCRIPT} in the archive")


def _problem(one: Path, given: Path) -> str:
    """Why it is not read. What the teacher named may be a link to anywhere, and what was found may not: it would lead
    to another's work or to what only the teacher may read, and whether anything is there is not said either."""
    if _depth(one, given) >= DEPTH and os.path.isdir(one):
        return f"{printable(short(str(one.relative_to(given))))}: what lies {DEPTH} folders deep or more is not read"
    for path in _forms(one):
        if path != given and leads_out(path):
            return f"{printable(path.name)} is a link that leads out of the folder that was handed in"
        try:
            if stat.S_ISDIR(path.stat().st_mode):
                os.listdir(path)
        except FileNotFoundError:
            continue  # reading tells a link that leads nowhere from what is not there
        except (OSError, ValueError) as error:
            says = "this is a link that leads nowhere" if os.path.islink(path) else "it cannot be read"
            return f"{printable(path.name)}: {says} ({getattr(error, 'strerror', None) or error})"
    return ""


def _depth(path: Path, top: Path) -> int:
    return len(path.parts) - len(top.parts)


def _forms(one: Path) -> list[Path]:
    """What is read of it: a workspace may hold both forms."""
    if not os.path.isdir(one):
        return [one]
    try:
        inside = sorted(one / name for name in os.listdir(one) if name == SCRIPT or name.endswith(".ipynb"))
    except OSError:
        inside = []
    return [one, *inside]


def find(path: Path, skip: Path | None = None) -> Iterator[Path]:
    """The submissions below a path: the path itself unless it is a folder; a folder that holds both forms is one.

    A folder that lies too deep is not entered, and one that cannot be listed neither: it is found itself.
    """
    if not os.path.isdir(path):
        yield path
        return
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        if skip is not None and os.path.realpath(folder) == os.path.realpath(skip):
            continue
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError:
            entries = []
            yield folder
        if entries and _depth(folder, path) >= DEPTH:
            yield folder
            continue
        notebooks = [entry for entry in entries if entry.suffix.lower() == ".ipynb"]
        yield from _files(folder, entries, notebooks)
        folders = [entry for entry in entries if os.path.isdir(entry) and not os.path.islink(entry)]
        waiting += [e for e in reversed(folders) if e not in notebooks and not e.name.startswith("__")]


def _files(folder: Path, entries: Sequence[Path], notebooks: Sequence[Path]) -> Iterator[Path]:
    """The submissions right in a folder, or the folder, and those beside it that are spelt in another case."""
    forms = [*(entry for entry in entries if entry.suffix == ".py" and entry.name.lower() == SCRIPT), *notebooks]
    usual = [form for form in forms if form.name == SCRIPT or form.suffix == ".ipynb"]
    if len(usual) > 1 and usual[0].name == SCRIPT:
        yield folder
        forms = [form for form in forms if form not in usual]
    yield from forms
    yield from (entry for entry in entries if entry.suffix == ".py" and is_script(entry.name, SCRIPT))
    yield from (entry for entry in entries if entry.suffix.lower() == ".zip" and not os.path.isdir(entry))
