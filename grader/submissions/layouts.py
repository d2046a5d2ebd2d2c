"""Whose a submission is: its path tells, and nothing that its student can have written.

A platform's layout is one pure function: whom a part of a path names. The layout is decided once for a batch, by what
most of it is, or by ``--layout``. The outermost name decides: a student's own archive or folder may hold anything, a
name that a platform gives to somebody else's work as well. So a name counts where all names of the batch begin to
differ, or below that where everything bears one, as in a folder of several downloads. What bears none belongs to its
folder, or to the file's own name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from grader.errors import UsageError
from grader.submissions.notebook import printable
from grader.submissions.paths import Parts, Place, around, in_common, is_zip, short, shortest, stem, without_zip
from grader.submissions.platforms import LONGEST, PLATFORMS, Owner, Platform

LAYOUTS = {
    "canvas": "a Canvas download",
    "moodle": "a Moodle download",
    "gradescope": "a Gradescope export",
    "nbgrader": "nbgrader's submitted/STUDENT/ASSIGNMENT",
    "blackboard": "a Blackboard download",
    "brightspace": "a Brightspace download",
    "folders": "one folder for each student",
    "flat": "one file for each student",
    "single": "one student's work",
}


@dataclass(frozen=True)
class Attribution:
    """The layout that a batch was taken as, how many of its places it fits, and for each place whose it is: a
    student's, or that of all who handed in together."""

    layout: str
    fit: int
    owners: tuple[tuple[Owner, ...], ...]


Lists = Callable[[Parts], Mapping[str, tuple[Owner, ...]]]  # of a folder: its list of whose what in it is
Claim = tuple[int, Owner, str]  # the depth of the outermost name that is a platform's, whose this is by it, the layout


def attribute(
    places: Sequence[Place],
    layout: str | None = None,
    student_from: str | None = None,
    lists: Lists = lambda folder: {},
    single: str = "submission",
    notebook: str = "",
) -> Attribution:
    """Whose each of them is; two students never have one name. ``single``: the student whose all of it is, if that is
    the layout; ``notebook``: the name of what was handed out. Raises ``UsageError`` if the pattern is none."""
    if layout is not None and layout not in LAYOUTS:
        raise UsageError(f"--layout {layout}: there is {', '.join(LAYOUTS)}")
    taken = layout or decide(places)
    others = PLATFORMS.keys() - {taken} if layout is None else ()
    platforms = {name: PLATFORMS[name] for name in (taken, *sorted(others)) if name in PLATFORMS}
    at_place = taken if taken in ("flat", "single") else "folders"
    told = _by_pattern(places, student_from)
    claims = [_claim(place, platforms) for place in places]
    believed = _believed(places, claims, told)
    whole = [Owner(single)] * len(places)
    plain = whole if at_place == "single" else by_file(places, notebook) if at_place == "flat" else by_folder(places)
    listed = cache(lists)
    owners = []
    for place, by_pattern, claim, *own in zip(places, told, believed, plain, _kept_apart(plain, claims), strict=True):
        depth, named, _ = claim or (0, None, at_place)
        together = listed(place.parts[:depth]).get(place.parts[depth]) if claim else None
        by_path = (named,) if named else tuple(dict.fromkeys(own))
        owners.append((by_pattern,) if by_pattern else together or by_path)
    fit = sum(taken == (claim[2] if claim else at_place) for claim in believed)
    return Attribution(taken, fit, _distinguished(owners))


def decide(places: Sequence[Place]) -> str:
    """What at least half of a batch is."""
    there = [place for place in places if not place.missing]
    fit = Counter[str]()
    for name, platform in PLATFORMS.items():
        claims = [_claim(place, {name: platform}) for place in there]
        fit[name] = sum(claim is not None for claim in _believed(there, claims, [None] * len(there)))
    name, most = fit.most_common(1)[0]
    if most and 2 * most >= len(there):
        return name
    return "flat" if all(len(place.parts) == 1 for place in there) else "folders"


def _claim(place: Place, platforms: Mapping[str, Platform]) -> Claim | None:
    for depth in (depth for depth, part in enumerate(place.parts) if len(part) <= LONGEST):
        for name, platform in platforms.items():
            if owner := platform(place.parts, depth):
                return depth, owner, name
    return None


def _believed(
    places: Sequence[Place], claims: Sequence[Claim | None], told: Sequence[Owner | None]
) -> list[Claim | None]:
    shared = in_common([place.parts[:-1] for place in places if not place.missing])
    outer = [claim if claim and claim[0] <= shared else None for claim in claims]
    everywhere = all(claim or owner or place.missing for claim, owner, place in zip(claims, told, places, strict=True))
    return list(claims) if everywhere and not any(outer) else outer


def _kept_apart(owners: Sequence[Owner], claims: Sequence[Claim | None]) -> list[Owner]:
    """Where a place holds several platforms' names that are not believed, it is a download beside other things, or what
    a student made to look like one: whoever is named there stays apart and is nobody else, so has no platform's number;
    and the place is its own student's, too, whose work must not get lost behind such names.
    """
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for owner, claim in zip(owners, claims, strict=True):
        named[owner.name] |= {(claim[1].name, claim[1].id)} if claim else set()

    def apart(place: str, one: Owner) -> Owner:
        alike = sum(name == one.name for name, _ in named[place]) > 1
        return replace(one, name=f"{place}/{one.name}{f' {one.id}' if alike else ''}", id="")

    return [
        apart(owner.name, claim[1]) if claim and len(named[owner.name]) > 1 else owner
        for owner, claim in zip(owners, claims, strict=True)
    ]


def _by_pattern(places: Sequence[Place], student_from: str | None) -> list[Owner | None]:
    """Students stand at one level of the paths, the highest at which one is found: below that are their own folders,
    which may hold anything."""
    if student_from is None:
        return [None] * len(places)
    example = r"an example: --student-from 'group-\d/(?P<student>[^/]+)/'"
    try:
        pattern = re.compile(unicodedata.normalize("NFC", student_from))
    except re.error as error:
        raise UsageError(f"--student-from: {error}; {example}") from error
    if "student" not in pattern.groupindex:
        raise UsageError(f"--student-from: there is no group (?P<student>…) in {student_from!r}; {example}")
    paths = ["/".join([*map(without_zip, place.parts[:-1]), place.parts[-1]]) for place in places]
    normal = [unicodedata.normalize("NFC", path) for path in paths]
    matches = [next((match for match in pattern.finditer(path) if match["student"]), None) for path in normal]
    levels = [match.string.count("/", 0, match.start("student")) if match else None for match in matches]
    highest = min((level for level in levels if level is not None), default=None)
    told: list[Owner | None] = []
    for match, level in zip(matches, levels, strict=True):
        attempt = (match.groupdict().get("attempt") if match else None) or ""
        number = int(attempt) if attempt.isdecimal() else 0
        told.append(Owner(match["student"], attempt=number) if match and level == highest else None)
    return told


# --- by folder, by file ---


def by_folder(places: Sequence[Place]) -> list[Owner]:
    """The folder below those that are around all, or the file where there is none. Of several paths that were given,
    one with submissions at its top level is one student's, and so is an archive with one folder; the others hold a
    folder for each. Names are as short as tells them apart."""
    level, several = around(places), any(place.given for place in places)
    groups: dict[Parts, list[Place]] = defaultdict(list)
    for place in places:
        groups[place.parts[: place.given or level]].append(place)
    beside = Counter((given[:-1], stem(given[-1])) for given in groups if given)
    names: dict[Parts, list[str]] = {}
    for given, group in groups.items():
        called = _called(given, alone=beside[given[:-1], stem(given[-1])] == 1) if several else []
        folders = {place.parts[: len(given) + 1] for place in group}
        at_top = any(len(place.folders) <= len(given) for place in group)
        if several and (at_top or (len(folders) == 1 and is_zip(given[-1]))):
            names[given] = called
            continue
        for folder in folders:
            last = stem(folder[-1])
            names[folder] = [last, *(called if len(folders) == 1 else [f"{name}/{last}" for name in called])]
    shown = shortest(names)
    ends = [(place.parts, place.given or level) for place in places]
    return [Owner(shown.get(parts[:end]) or shown[parts[: end + 1]]) for parts, end in ends]


def _called(path: Parts, *, alone: bool) -> list[str]:
    """What a path may be called, from short to long: by its stem, if nothing beside it has the same; then a file by
    the folders above it, and a folder with those."""
    own = stem(path[-1]) if alone else path[-1]
    last = [] if path[-1].lower().endswith((".ipynb", ".py")) else [own]
    return [own, *("/".join([*path[k:-1], *last]) for k in reversed(range(len(path) - 1)))]


def by_file(places: Sequence[Place], notebook: str) -> list[Owner]:
    """The file's own name, with the folders above it as far as tells it apart. A browser calls another download of
    ``ann.ipynb`` ``ann (1).ipynb``, and JupyterLab a copy ``ann-Copy1.ipynb``: these are ann's too, unless they bear
    the name of what was handed out."""
    files = [_outermost(place.parts) for place in places]
    shown = shortest({path: ["/".join(path[k:]) for k in reversed(range(len(path)))] for path in files})
    owners = []
    for *folders, name in files:
        again = re.fullmatch(r"(.+?)(?: \(|-Copy)(\d{1,2})\)?", name)
        first = (*folders, again[1]) if again else ()
        copy = again is not None and first in shown and again[1] != notebook
        owners.append(Owner(shown[first], attempt=int(again[2])) if again and copy else Owner(shown[*folders, name]))
    return owners


def _outermost(parts: Parts) -> Parts:
    """The file or archive that all of it came in, without its ending."""
    depth = next((depth for depth, part in enumerate(parts) if is_zip(part)), len(parts) - 1)
    return (*parts[:depth], stem(parts[depth]))


# --- one name each ---


def _distinguished(whose: Sequence[tuple[Owner, ...]]) -> tuple[tuple[Owner, ...], ...]:
    """With names that can be shown, in one normal form of Unicode; students of one name get their number behind it."""
    normal = [[replace(owner, name=unicodedata.normalize("NFC", owner.name)) for owner in owners] for owners in whose]
    students = sorted({_who(owner) for owners in normal for owner in owners})
    alike = Counter(short(printable(name)) for name, _ in students)
    shown: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for name, number in students:
        title, mark = short(printable(name)), number.rpartition(" ")[2]
        title += f" ({mark})" if mark and alike[title] > 1 else ""
        while title in taken:  # a name may look like one with a number behind it
            title += f" ({mark or _digest(name)})"
        shown[name, number] = title
        taken.add(title)
    return tuple(tuple(replace(owner, name=shown[_who(owner)]) for owner in owners) for owners in normal)


def _who(owner: Owner) -> tuple[str, str]:
    unseen = owner.name != printable(owner.name)
    return owner.name, owner.id or (_digest(owner.name) if unseen else "")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
