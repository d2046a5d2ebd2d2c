"""The places of a class in which there is no submission: a student who handed in something else is not lost."""

# ruff: noqa: PTH112, PTH113, PTH114, PTH208 (pathlib follows links, or raises where a name is too long)

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.submissions.archive import listed
from grader.submissions.notebook import printable
from grader.submissions.paths import Found, Place, around, in_common, is_zip, short
from grader.submissions.platforms import named_by_platform

CANVAS_PAGES = {"_text.html": "a text was typed into Canvas", "_link.html": "a link was handed in"}


def all_missing(given: Path, place: Place, script: str) -> Found:
    """A folder that was given and holds no submission."""
    return Found(given, replace(place, missing=True), _instead(_inside(given), script))


def missing(given: Path, found: Sequence[Found], out: Path, script: str) -> Iterator[Found]:
    """Where in a folder or an archive a submission was expected, and what is there instead: folders beside the
    others', unless notebooks lie there themselves, as in one student's own folder; and files that a platform named
    after their student."""
    places = [one.place for one in found]
    level = around(places) or _around_files(places)
    above = places[0].parts[:level] if places else ()
    here = [place for place in places if len(place.parts) == level + 1 and not place.whole]
    loose = any(named_by_platform(place.parts[-1]) is None for place in here)
    served = {place.parts[level] for place in places if len(place.parts) > level}
    for name, inside in sorted(_there(given, above).items()):
        path = given.joinpath(*above, name)
        wanted = named_by_platform(name) and not name.lower().endswith(".csv") if inside is None else not loose
        if not wanted or name in served or _is_nobodys(name, inside) or os.path.realpath(path) == os.path.realpath(out):
            continue
        if os.path.islink(path) and os.path.isdir(path):
            problem = f"{printable(name)} is a link to a folder, and not followed"
        else:
            page = next((says for ending, says in CANVAS_PAGES.items() if inside is None and name.endswith(ending)), "")
            problem = f"{page}, and no file" if page else _instead([name] if inside is None else inside, script)
        place = Place((*above, name), whole=True, missing=True)
        yield Found(path if os.path.lexists(path) else given, place, problem)


def _around_files(places: Sequence[Place]) -> int:
    """How many levels lie around files that a platform named after their students."""
    level = in_common([place.folders for place in places])
    names = (place.parts[level] for place in places if len(place.parts) > level)
    return level if any(map(named_by_platform, names)) else 0


def passed_over(given: Path, found: Sequence[Found], out: Path) -> list[str]:
    """What lies in a flat folder or archive besides submissions: it may be somebody's, or nobody's."""
    served = {one.place.parts[0] for one in found} | {name for name in (out.name,) if out.parent == given}
    there = {name: inside for name, inside in sorted(_there(given, ()).items()) if name not in served}
    return [name if inside is None else f"{name}/" for name, inside in there.items() if not _is_nobodys(name, inside)]


def in_short(names: Sequence[str]) -> str:
    others = f" and {len(names) - 3} others" if len(names) > 3 else ""
    return f"{', '.join(printable(short(name)) for name in names[:3])}{others}"


def _is_nobodys(name: str, inside: Sequence[str] | None) -> bool:
    """Hidden, a system's own, or reports of ours."""
    return name.startswith((".", "__")) or name.lower() == "feedback" or "gradebook.sqlite" in (inside or ())


def _there(given: Path, above: Sequence[str]) -> dict[str, list[str] | None]:
    """What lies at a level of a folder or an archive, or of an archive in a folder: folders with what is in them, and
    files."""
    for level, part in enumerate(above, 1):
        archive = given.joinpath(*above[:level])
        if is_zip(part) and os.path.isfile(archive):
            return _there(archive, above[level:])
    if os.path.isdir(given):
        top = given.joinpath(*above)
        return {name: _inside(top / name) if os.path.isdir(top / name) else None for name in _inside(top)}
    level = len(above)
    there: dict[str, set[str] | None] = {}
    for parts in listed(given) if is_zip(given.name) else ():
        if parts[:level] == list(above) and len(parts) > level and parts[level]:
            inside = there.setdefault(parts[level], set() if parts[level + 1 :] else None)
            if inside is not None:
                inside.update(parts[level + 1 : level + 2])
    return {name: None if inside is None else _shown(inside) for name, inside in there.items()}


def _inside(folder: Path) -> list[str]:
    try:
        return _shown(os.listdir(folder))
    except OSError:
        return []


def _shown(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name and not name.startswith("."))


def _instead(names: Sequence[str], script: str) -> str:
    among = f" among: {in_short(names)}" if names else ": the folder is empty"
    return f"there is no notebook and no {script}{among}{_how_to_name(names, script)}"


def _how_to_name(names: Sequence[str], script: str) -> str:
    """Browsers and mail programs put an ending of their own behind a name, or in the place of its."""
    for name in names:
        shown, lower = printable(short(name)) if len(names) > 1 else "it", name.lower()
        if ".ipynb" in lower or lower.endswith(".json"):
            whose = f"the name of {shown}" if len(names) > 1 else "its name"
            return f"; let {whose} end in .ipynb, if it is a notebook"
        if lower.endswith((".py", ".py.txt")):
            return f"; let {shown} be called {script}, if it is the answer"
    return ""
