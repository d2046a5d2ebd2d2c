"""Platforms' names of what is handed in, one pure function each: whom does the part of a path at this depth name?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.submissions.paths import Parts, is_zip, without_zip


@dataclass(frozen=True)
class Owner:
    """A student: the name, the platform's number ("Canvas 1234") or the school's own, the attempt, and was it late.

    ``file`` is what the student called the file, where a platform put more before it."""

    name: str
    id: str = ""
    attempt: int = 0
    late: bool = False
    file: str = ""


# instructure/canvas-lms, lib/content_zipper.rb: leeann_LATE_1234_5678_dropout-1.ipynb (student, file, resubmission),
# leeann_1234_text.html, LATE_anon_x7Yz1_5678_dropout.ipynb
CANVAS = re.compile(
    r"(?:(?P<student>(?!LATE_|anon_).+?)_(?P<late>LATE_)?(?P<id>\d+)|(?P<late_too>LATE_)?(?P<anonymous>anon_[^_]+))"
    r"_(?:\d+_(?P<file>.+?(?:-(?P<attempt>\d{1,9}))?\.\w+)|(?:text|link)\.html)"
)
# help.gradescope.com "Export submissions"; whose it is stands in submission_metadata.yml
GRADESCOPE = re.compile(r"submission_(?P<id>\d+)")
# Blackboard, as kwurst/bb-file-cleanup describes it: Homework 1_alee_attempt_2026-01-31-12-00-00_dropout.ipynb; the
# first attempt in it is Blackboard's, as its end is the student's own name of the file
BLACKBOARD = re.compile(r".+?_(?P<student>[^_]+)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.\w+)")
# Brightspace, as OfficeCoffee/GradingFileProject and others describe it, a folder or the beginning of a file's name: a
# student's number in the course, the assignment's, and at some schools the school's number before the name:
# 271836-442356 - Ann Lee - Dec 5, 2024 1149 AM - dropout.ipynb, 27236-46025 - 23304308 Lee - 05 March 2026 612 PM
BRIGHTSPACE = re.compile(
    r"(?P<id>\d+)-\d+ - (?:(?P<number>[A-Za-z]*\d+) )?(?P<student>.+?) - "
    r"(?:(?P<month>[A-Z][a-z]{2})\w* (?P<day>\d{1,2}),|(?P<first_day>\d{1,2}) (?P<then_month>[A-Z][a-z]{2})\w*) "
    r"(?P<year>\d{4}) (?P<hour>\d{1,2}?)(?P<minute>\d\d) (?P<half>[AP])M(?: - (?P<file>.+))?"
)
LONGEST = 255  # characters: what file systems take; an archive may name more, to keep these expressions busy
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def canvas(parts: Parts, depth: int) -> Owner | None:
    match = CANVAS.fullmatch(parts[depth]) if _is_file(parts, depth) else None
    if match is None:
        return None
    name, late = match["student"] or match["anonymous"], bool(match["late"] or match["late_too"])
    return Owner(
        name, f"Canvas {match['id']}" if match["id"] else "", int(match["attempt"] or 0), late, match["file"] or ""
    )


def moodle(parts: Parts, depth: int) -> Owner | None:
    """``Ann Lee_1234_assignsubmission_file_``, a folder or the beginning of a file's name: moodle/moodle,
    mod/assign/classes/downloader.php. What looks like it may be part of a student's name, so in a folder's the last one
    is Moodle's; or of the name that a student gave a file, so in a file's it is the first."""
    divide = str.partition if _is_file(parts, depth) else str.rpartition
    before, found, behind = divide(parts[depth], "_assignsubmission_")
    student, _, number = before.rpartition("_")
    owner = Owner(student, f"Participant {number}") if student and number.isdecimal() else Owner(before)
    return replace(owner, file=behind.partition("_")[2]) if found and before else None


def gradescope(parts: Parts, depth: int) -> Owner | None:
    match = GRADESCOPE.fullmatch(parts[depth])
    return match and Owner(parts[depth], f"submission {match['id']}")


def nbgrader(parts: Parts, depth: int) -> Owner | None:
    """``submitted/STUDENT/ASSIGNMENT``: nbgrader.readthedocs.io "The philosophy and the approach"."""
    named = parts[depth] == "submitted" and depth < len(parts) - 2
    return Owner(without_zip(parts[depth + 1])) if named else None


def blackboard(parts: Parts, depth: int) -> Owner | None:
    match = BLACKBOARD.fullmatch(parts[depth]) if _is_file(parts, depth) else None
    name = match["student"] if match else ""
    return match and Owner(name, name, int(match["at"].replace("-", "")), file=match["file"] or "")


def brightspace(parts: Parts, depth: int) -> Owner | None:
    match = BRIGHTSPACE.fullmatch(parts[depth])
    month = match and (match["month"] or match["then_month"])
    if match is None or month not in MONTHS:
        return None
    day, hour = int(match["day"] or match["first_day"]), int(match["hour"]) % 12 + 12 * (match["half"] == "P")
    at = f"{match['year']}{MONTHS.index(month) + 1:02}{day:02}{hour:02}{match['minute']}"
    number = match["number"] or f"Brightspace {match['id']}"
    return Owner(match["student"], number, int(at), file=match["file"] or "")


def _is_file(parts: Parts, depth: int) -> bool:
    """These platforms have no folders."""
    return depth == len(parts) - 1 or is_zip(parts[depth])


Platform = Callable[[Parts, int], Owner | None]
PLATFORMS: dict[str, Platform] = {
    layout.__name__: layout for layout in (canvas, moodle, gradescope, nbgrader, blackboard, brightspace)
}


def named_by_platform(name: str) -> Owner | None:
    """May a platform have named this file, so that it is somebody's whatever it is?"""
    if len(name) > LONGEST:
        return None
    return next(filter(None, (platform((name,), 0) for platform in PLATFORMS.values())), None)
