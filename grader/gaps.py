"""The places of a class in which there is no submission: a student who handed in something else is not lost."""

# ruff: noqa: PTH112, PTH114, PTH208 (pathlib follows links, or raises where a name is too long)

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.archive import listed
from grader.notebook import printable
from grader.owners import is_platforms
from grader.paths import Found, short, without_zip, wrapping
from grader.task import SCRIPT


def gap(place: Found) -> Found:
    """A folder that was given and holds no submission."""
    return replace(place, problem=_instead(_inside(place.path)), missing=True)


def gaps(given: Path, found: Sequence[Found], out: Path) -> Iterator[Found]:
    """The places of a class in which there is no submission: folders beside the others', unless notebooks lie there
    themselves, as in one student's own folder; and files that a platform named after their student."""
    root = next((one.places[0].parent for one in found if one.places), given)
    level = wrapping(found)
    above = found[0].seen.parts[:level] if found else ()
    here = [one for one in found if len(one.seen.parts) == level + 1 and not os.path.isdir(one.path)]
    loose = any(not is_platforms(one.seen.name) and one.seen.name == without_zip(one.seen.name) for one in here)
    served = {one.seen.parts[level] for one in found if len(one.seen.parts) > level}
    for name, inside in sorted(_there(given, above).items()):
        place = root.joinpath(*above, name)
        wanted = is_platforms(name) and not name.lower().endswith(".csv") if inside is None else not loose
        if not wanted or name in served or name.startswith((".", "__")) or name.lower() == "feedback":
            continue
        if "gradebook.sqlite" in (inside or ()) or os.path.realpath(place) == os.path.realpath(out):
            continue  # reports of ours
        link = os.path.islink(place) and os.path.isdir(place)
        says = (
            f"{printable(name)} is a link to a folder, and not followed"
            if link
            else _instead([name] if inside is None else inside)
        )
        path = place if os.path.lexists(place) else given
        yield replace(Found(given, Path()).at(root, place), path=path, problem=says, missing=True)


def _there(given: Path, above: Sequence[str]) -> dict[str, list[str] | None]:
    """What lies at a level of a folder or an archive: folders with what is in them, and files."""
    if os.path.isdir(given):
        top = given.joinpath(*above)
        return {name: _inside(top / name) if os.path.isdir(top / name) else None for name in _inside(top)}
    level = len(above)
    there: dict[str, set[str] | None] = {}
    for parts in listed(given) if given.suffix.lower() == ".zip" else ():
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


def _instead(names: Sequence[str]) -> str:
    others = f" and {len(names) - 3} others" if len(names) > 3 else ""
    among = f" among: {', '.join(printable(short(name)) for name in names[:3])}{others}" if names else ""
    return f"there is no notebook and no {SCRIPT}{among or ': the folder is empty'}"
