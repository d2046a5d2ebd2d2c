"""Where submissions are: below folders and through archives. Follows no link out of what was handed in."""

# ruff: noqa: PTH100, PTH110, PTH112, PTH113, PTH114, PTH208 (pathlib follows links, or raises where a name is too long)

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.sandbox.account import Account
from grader.submissions.archive import DEPTH, BadArchive, account_of, unpack
from grader.submissions.gradescope import LIST
from grader.submissions.missing import all_missing, missing
from grader.submissions.notebook import leads_out, printable
from grader.submissions.paths import Found, Parts, Place, is_zip, short
from grader.submissions.platforms import named_by_platform

NESTED = 2  # zips in zips


def all_below(given: Sequence[Path], out: Path, lists: dict[Parts, Path], script: str) -> Iterator[Found]:
    """Of a folder or an archive that was given alone, the name says nothing of whose its files are; of several paths,
    the names from the folder on that all are in. ``lists`` is filled with Gradescope's lists by their folders;
    ``script``: what the task is called as a file."""
    wholes = [Path(os.path.abspath(path)) for path in given]
    root = os.path.commonpath([whole.parent for whole in wholes]) if wholes else ""
    for path, whole in zip(given, wholes, strict=True):
        parts = whole.relative_to(root).parts
        named = Place(parts, len(parts) if len(given) > 1 else 0, whole=os.path.isdir(path) or is_zip(path.name))
        within = named if named.given else Place(())
        found = []
        for one in _below(Found(path, within), Found(path, named), out, script):
            if one.path.name == LIST and not one.problem:
                lists[one.place.parts[:-1]] = one.path
            else:
                found.append(one)
        yield from found
        if named.given and not found and path.name != LIST:
            yield all_missing(path, named, script)
        elif [one.path for one in found] != [path]:  # it is no submission itself, and was unpacked
            yield from _missing(path, named, found, out, script)


def _missing(path: Path, named: Place, found: Sequence[Found], out: Path, script: str) -> Iterator[Found]:
    """Of several paths that were given, each may be one student's: only what a platform named is somebody's there."""
    if not named.given:
        yield from missing(path, found, out, script)
        return
    alone = [replace(one, place=replace(one.place, parts=one.place.parts[named.given :], given=0)) for one in found]
    for one in missing(path, alone, out, script):
        if named_by_platform(one.place.parts[-1]) is not None:
            yield replace(one, place=replace(one.place, parts=(*named.parts, *one.place.parts), given=named.given))


def _below(within: Found, alone: Found, out: Path, script: str) -> Iterator[Found]:
    """What is in a path that was given: ``alone`` as the one submission that it is, ``within`` as what holds them."""
    given = alone.path
    for path in find(given, script, skip=out):
        found = replace(within.at(given, path) if path != given else alone, problem=_problem(path, given, script))
        if is_zip(path.name) and os.path.isfile(path) and not found.problem:
            yield from _unpacked(found if path != given else within, found, out, script, account_of(path), 1)
        else:
            yield found


def _unpacked(within: Found, archive: Found, out: Path, script: str, account: Account, depth: int) -> Iterator[Found]:
    """What is in an archive, or the archive itself as a submission with a problem."""
    try:
        unpacked = unpack(archive.path, out / "unpacked", account)
    except BadArchive as error:
        yield replace(archive, problem=printable(str(error)))
        return
    whole = unpacked.folder
    files = [path for path in find(whole, script) if path != whole or os.path.exists(path / script)]
    for path in files:
        found = within.at(unpacked.folder, path)
        if not is_zip(path.name):
            yield found if found.place.parts else replace(archive, path=path)
        elif depth < NESTED:
            yield from _unpacked(found, found, out, script, account_of(path, account), depth + 1)
        else:
            yield replace(found, problem="an archive in an archive in an archive is not unpacked")
    for name, reason in unpacked.problems.items():
        inside = unpacked.folder / (name.replace("..", "_").lstrip("/") or "_")
        problem = printable(f"{short(name)} in {short(archive.path.name)}: {reason}")
        yield replace(within.at(unpacked.folder, inside), path=archive.path, problem=problem)
    if not files and not unpacked.problems:
        yield replace(archive, problem=f"there is no notebook and no {script} in the archive")


def _problem(one: Path, given: Path, script: str) -> str:
    """Why it is not read. What the teacher named may be a link to anywhere, and what was found may not: it would lead
    to another's work or to what only the teacher may read, and whether anything is there is not said either."""
    if _depth(one, given) >= DEPTH and os.path.isdir(one):
        return f"{printable(short(str(one.relative_to(given))))}: what lies {DEPTH} folders deep or more is not read"
    for path in _forms(one, script):
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


def _forms(one: Path, script: str) -> list[Path]:
    """What is read of it: a workspace may hold both forms."""
    if not os.path.isdir(one):
        return [one]
    try:
        inside = sorted(one / name for name in os.listdir(one) if name == script or name.endswith(".ipynb"))
    except OSError:
        inside = []
    return [one, *inside]


def find(path: Path, script: str, skip: Path | None = None) -> Iterator[Path]:
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
        yield from _files(folder, entries, notebooks, script)
        folders = [entry for entry in entries if os.path.isdir(entry) and not os.path.islink(entry)]
        waiting += [e for e in reversed(folders) if e not in notebooks and not e.name.startswith("__")]


def _files(folder: Path, entries: Sequence[Path], notebooks: Sequence[Path], script: str) -> Iterator[Path]:
    """The submissions right in a folder, or the folder, and those beside it that are spelt in another case."""
    forms = [*(entry for entry in entries if entry.suffix == ".py" and entry.name.lower() == script), *notebooks]
    usual = [form for form in forms if form.name == script or form.suffix == ".ipynb"]
    if len(usual) > 1 and usual[0].name == script:
        yield folder
        forms = [form for form in forms if form not in usual]
    yield from forms
    yield from (entry for entry in entries if entry.name == LIST or _is_named(entry.name, script))
    yield from (entry for entry in entries if is_zip(entry.name) and not os.path.isdir(entry))


def _is_named(name: str, script: str) -> bool:
    """Is it the script under the name that a platform gives it (``leeann_1_2_dropout-1.py``)?"""
    named = named_by_platform(name) if name.endswith(".py") else None
    return named is not None and re.sub(r"-\d+\.py$", ".py", named.file).lower() == script
