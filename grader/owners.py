"""Whose a submission is: its path tells, and nothing that its student can have written.

In this order: ``--student-from``; the platforms' names, of which the outermost decides; the folder below the path that
was given; the file's own name. A student's own archive or folder may hold anything, a name that a platform gives to
somebody else's work as well. So a platform's name counts where all names of the batch begin to differ, or below that
where everything bears one, as in a folder of several downloads.

Sources of these names: docs.moodle.org "Assignment settings" (``Ann Lee_1234_assignsubmission_file_``, a folder or
the beginning of a file's name), community.canvaslms.com "How do I download all student submissions for an
assignment?" (``leeann_LATE_1234_5678_dropout-1.ipynb``: student, submission, first resubmission), help.gradescope.com
"Export submissions" (``submission_1234``, named in ``submission_metadata.yml``), nbgrader.readthedocs.io "The
philosophy and the approach" (``submitted/STUDENT/ASSIGNMENT``).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from grader.errors import UsageError
from grader.notebook import printable
from grader.paths import Found, in_common, without_ending, without_zip, wrapping

# A name may look like what Moodle puts behind it, so the last one is Moodle's. Where that is of the file's own name, it
# is nobody else's name all the same: its student's stands before it.
MOODLE = re.compile(r"(?P<student>.+)_(?P<id>\d+)_assignsubmission_(?P<file>.*)")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+?(?:-(?P<attempt>\d{1,9}))?\.\w+)")
GRADESCOPE = re.compile(r"submission_(?P<id>\d+)")
LISTED_BYTES = 64 << 20  # of Gradescope's list that are read: 100,000 learners


@dataclass(frozen=True)
class Owner:
    """A student: the name, the platform's number where the path has one, and that of the attempt."""

    name: str
    id: str = ""
    attempt: int = 0


def owners(found: Sequence[Found], student_from: str | None) -> list[Owner]:
    """Whose each of them is; two students never have one name. Raises ``UsageError`` if the pattern is none."""
    _listed.cache_clear()
    pattern = _pattern(student_from)
    told = _by_pattern(found, pattern) if pattern else [None] * len(found)
    claims = [_claim(one) for one in found]
    shared = in_common([one.seen.parts[:-1] for one in found if not one.missing])
    if any(claim and claim[0] <= shared for claim in claims):
        believed = [claim is not None and claim[0] <= shared for claim in claims]
    else:
        believed = [all(c or t or one.missing for c, t, one in zip(claims, told, found, strict=True))] * len(found)
    plain = _kept_apart(
        [claim if trust else None for claim, trust in zip(claims, believed, strict=True)], claims, found
    )
    return _told_apart([known or one for known, one in zip(told, plain, strict=True)])


def is_script(name: str, script: str) -> bool:
    """Is it the script under the name that a platform gives it (``leeann_1_2_dropout-1.py``)?"""
    match = CANVAS.fullmatch(name) or MOODLE.fullmatch(name)
    return match is not None and re.sub(r"-\d+\.py$", ".py", match["file"].removeprefix("file_")).lower() == script


def is_platforms(name: str) -> bool:
    """May a platform have named this file, so that it is somebody's whatever it is?"""
    return CANVAS.fullmatch(name) is not None or MOODLE.fullmatch(name) is not None


# --- by a pattern ---


def _pattern(student_from: str | None) -> re.Pattern[str] | None:
    example = r"--student-from 'group-\d/(?P<student>[^/]+)/'"
    try:
        pattern = re.compile(student_from) if student_from is not None else None
    except re.error as error:
        raise UsageError(f"--student-from: {error}; an example: {example}") from error
    if pattern is not None and "student" not in pattern.groupindex:
        raise UsageError(f"--student-from: there is no group (?P<student>…) in {student_from!r}; an example: {example}")
    return pattern


def _by_pattern(found: Sequence[Found], pattern: re.Pattern[str]) -> list[Owner | None]:
    """Students stand at one level of the paths, the highest at which one is found: below that are their own folders,
    which may hold anything."""
    matches = [_match(one, pattern) for one in found]
    levels = [match.string.count("/", 0, match.start("student")) if match else None for match in matches]
    highest = min((level for level in levels if level is not None), default=None)
    told: list[Owner | None] = []
    for match, level in zip(matches, levels, strict=True):
        attempt = match.groupdict().get("attempt") if match else None
        number = int(attempt) if attempt and attempt.isdecimal() else 0
        told.append(Owner(match["student"], attempt=number) if match and level == highest else None)
    return told


def _match(one: Found, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first one in the path that names somebody."""
    *folders, last = one.seen.parts
    path = "/".join([*map(without_zip, folders), last])
    return next((match for match in pattern.finditer(path) if match["student"]), None)


# --- by a platform's name ---


def _claim(one: Found) -> tuple[int, Owner] | None:
    """The outermost part that a platform may have named, and whose it says this is."""
    parts = one.seen.parts
    for depth, part in enumerate(parts):
        match = MOODLE.fullmatch(part)
        if match is None and (depth == len(parts) - 1 or part != without_zip(part)):  # Canvas has no folders
            match = CANVAS.fullmatch(part)
        if match:
            return depth, Owner(match["student"], match["id"], int(match.groupdict().get("attempt") or 0))
        if match := GRADESCOPE.fullmatch(part):
            return depth, Owner(_gradescope_name(one.places[depth].parent, part), match["id"])
        if part == "submitted" and depth < len(parts) - 2:
            return depth, Owner(without_zip(parts[depth + 1]))
    return None


def _gradescope_name(folder: Path, submission: str) -> str:
    """The first submitter's name from the export's list, which is YAML of a fixed shape."""
    listed = _listed(folder / "submission_metadata.yml")
    match = re.search(rf"^{submission}:\n(?:[ \t-].*\n)*?[ \t-]+:name: *(?P<student>.+)$", listed, re.M)
    return match["student"].strip("'\" ") if match else submission


@lru_cache(maxsize=1)
def _listed(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as stream:
            return stream.read(LISTED_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


# --- by its place ---


def _kept_apart(
    believed: Sequence[tuple[int, Owner] | None], claims: Sequence[tuple[int, Owner] | None], found: Sequence[Found]
) -> list[Owner]:
    """Who is no platform's is named after a place. A place with several names in it that are not believed is likely
    a download beside other things: its students stay apart, and nobody else's."""
    places = _places(found)
    named: dict[str, set[Owner]] = defaultdict(set)
    for place, claim in zip(places, claims, strict=True):
        if claim:
            named[place].add(replace(claim[1], attempt=0))
    kept = []
    for place, trusted, claim in zip(places, believed, claims, strict=True):
        if trusted:
            kept.append(trusted[1])
        elif claim and len(named[place]) > 1:
            kept.append(replace(claim[1], name=f"{place}/{claim[1].name}"))
        else:
            kept.append(Owner(place))
    return kept


def _places(found: Sequence[Found]) -> list[str]:
    """The folder below the path that was given, and below those that all are in. Of several paths, one with submissions
    at its top level is one student's, and so is an archive with one folder; where folders of different paths have one
    name, they are told apart by their paths."""
    around = wrapping(found) if not any(one.called for one in found) else 0
    own = [_below(one, around) for one in found]
    below = {one.called: set[str]() for one in found}
    at_top = {one.called for one in found if _is_at_top(one)}
    paths = defaultdict(set)
    for one, place in zip(found, own, strict=True):
        below[one.called].add(place)
        if one.called not in at_top:
            paths[place].add(one.called)
    places = []
    for one, place in zip(found, own, strict=True):
        alone = len(below[one.called]) == 1
        packed = one.above and one.seen.parts[one.above - 1] != without_zip(one.seen.parts[one.above - 1])
        if one.called and (one.called in at_top or (alone and packed)):
            places.append(one.called)
        elif one.called and (len(paths[place]) > 1 or place in below):
            places.append(one.called if alone else f"{one.called}/{place}")
        else:
            places.append(place)
    return places


def _is_at_top(one: Found) -> bool:
    """Is it what was given, or a file right in it? An archive in a folder is a place of its own."""
    below = one.seen.parts[one.above :]
    return not below or (len(below) == 1 and below[0] == without_zip(below[0]))


def _below(one: Found, around: int) -> str:
    parts = one.seen.parts[one.above + around :]
    return without_zip(parts[0]) if len(parts) > 1 else without_ending(without_zip(one.seen.name))


# --- one name each ---


def _told_apart(named: Sequence[Owner]) -> list[Owner]:
    """With names that can be shown; students of one name get the platform's number behind it."""
    students = sorted({(one.name, _mark(one)) for one in named})
    alike = Counter(printable(name) for name, _ in students)
    shown: dict[tuple[str, str], str] = {}
    for name, mark in students:
        says = printable(name)
        shown[name, mark] = f"{says} ({mark})" if mark and alike[says] > 1 else says
    taken: set[str] = set()
    for student in students:
        while shown[student] in taken:  # a name may look like one with a number behind it
            shown[student] += f" ({student[1] or _digest(student[0])})"
        taken.add(shown[student])
    return [replace(one, name=shown[one.name, _mark(one)]) for one in named]


def _mark(owner: Owner) -> str:
    if owner.id or owner.name == printable(owner.name):
        return owner.id
    return _digest(owner.name)


def _digest(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
