"""Marks and feedback for Canvas and Moodle, in the forms that they take back."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.report.marks import Mark, Marks
from grader.report.order import Order, placed, write_table
from grader.report.roster import SCHOOLS, Roster
from grader.result import Grading

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
CANVAS_ROSTER = {*CANVAS[1:], "Integration ID", "Root Account"}
DOWNLOADED = re.compile(r"(?:^|__)(?P<student>[^_]+)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_")
MADE = (2000, 1, 1, 0, 0, 0)  # in an archive, so that the same feedback gives the same bytes


def write_canvas(found: Marks, order: Order) -> None:
    """Canvas's gradebook import (instructure/canvas-lms, lib/gradebook_importer.rb; "How do I import grades in the
    Gradebook?"): its columns about the student, the assignment, a row with the points possible.

    With a roster, Canvas's own export, students are known by their ID; without, by the one in the name of their file,
    or by their name as Canvas has it. ``assignment`` "Dropout (1234)" is the one with this ID; a title that Canvas does
    not know makes a new one.
    """
    roster = order.roster
    if roster and not roster.having("canvas"):
        raise UsageError(
            f"--roster {roster.path} has no column 'ID' beside a name ({_columns(roster)}): export it anew"
        )
    known = ["Student", *(name for name in roster.columns if name in CANVAS_ROSTER)] if roster else [*CANVAS]
    rows = [{"Student": "    Points Possible", order.assignment: f"{order.points:g}"}]
    for mark in found.marks:
        student = {"Student": mark.grading.student, "ID": _number(mark, "Canvas")}
        if roster:
            student = {name: mark.row.get(name, "") for name in known} | {"Student": roster.name(mark.row)}
        rows.append({**student, order.assignment: f"{mark.points:g}"})
    write_table([*known, order.assignment], rows, order.to)


def canvas_assignment(roster: Roster | None, title: str) -> str:
    """The only one that Canvas's export has, or a new one of this title."""
    there = roster.assignments if roster else []
    return there[0] if len(there) == 1 else title


def canvas_doubt(found: Marks, order: Order) -> str:
    """What Canvas would not take as it is meant."""
    unnumbered = sum(not _number(mark, "Canvas") for mark in found.marks)
    if order.roster is None:
        what = f"{unnumbered} of {len(found.marks)} have no ID, by which Canvas knows students"
        return f"{what}: give its own export with --roster" if unnumbered else ""
    there, worth = order.roster.assignments, order.roster.possible.get(order.assignment, "").strip()
    if order.assignment not in there and there:
        new = f"{order.assignment!r} is none of the roster's assignments, and Canvas will make it"
        return f"{new}; to fill one that is there, name it: --assignment {there[0]!r}"
    if re.fullmatch(r"\d+(\.\d+)?", worth) and float(worth) not in (0.0, order.points):
        return f"{order.assignment} has {worth} points in the roster, and a pass gets {order.points:g}: see --points"
    return ""


def write_moodle(found: Marks, order: Order) -> None:
    """Moodle's grade import (docs.moodle.org "Grade import"): what identifies a student, grade and feedback, under the
    names of Moodle's own export; both columns, because an import of one alone would empty the other.

    With a roster, Moodle's export of grades or participants, students have its names; without, their number or what
    they are called here is taken for their address, or else for their ID number.
    """
    grade, feedback = (f"{order.assignment} ({what})" for what in ("Real", "Feedback"))
    roster = order.roster
    if roster and not roster.having(*SCHOOLS):
        says = f"--roster {roster.path} has no column Email address, ID number or Username ({_columns(roster)})"
        raise UsageError(f"{says}: export it anew, or say with --columns which one it is")
    own = _named_by(found)
    known = roster.having("name", "first", "last", *SCHOOLS) if roster else [own]
    rows = []
    for mark in found.marks:
        student = {column: mark.row[column] for column in known} if roster else {own: _called(mark)}
        rows.append({**student, grade: f"{mark.points:g}", feedback: mark.grading.grade.feedback})
    write_table([*known, grade, feedback], rows, order.to)


def moodle_doubt(found: Marks, order: Order) -> str:
    unnumbered = sum(not mark.grading.school_id for mark in found.marks)
    if order.roster is not None or not unnumbered or _named_by(found) == "Email address":
        return ""
    what = f"{unnumbered} of {len(found.marks)} have their name where Moodle looks for an ID number"
    return f"{what}: give its list of participants or grades with --roster"


def _named_by(found: Marks) -> str:
    return "Email address" if all("@" in _called(mark) for mark in found.marks) else "ID number"


def _called(mark: Mark) -> str:
    return mark.grading.school_id or mark.grading.student


def _columns(roster: Roster) -> str:
    return f"it has {', '.join(roster.columns[:6])}"


def _number(mark: Mark, platform: str) -> str:
    """That of this platform, where it stood in the name of the file."""
    kind, _, number = mark.grading.student_id.rpartition(" ")
    return number if kind == platform else ""


# --- feedback files ----------------------------------------------------------------------------------------------


def canvas_name(mark: Mark, order: Order) -> str:
    """As Canvas knows a file again that it has handed out ("Upload Submissions" in the gradebook: instructure/
    canvas-lms, app/models/abstract_assignment.rb, infer_comment_context_from_filename): by the numbers of the student
    and of the file that was handed in. Empty where there is none."""
    names = DOWNLOADED.finditer(mark.grading.grade.submission)
    name = next((name for name in names if name["user"] == _number(mark, "Canvas")), None)
    return f"{name['student']}_{name['user']}_{name['file']}_feedback.html" if name else ""


def moodle_name(mark: Mark, order: Order) -> str:
    """As Moodle's "Upload multiple feedback files in a zip" reads it (moodle/moodle,
    mod/assign/feedback/file/importziplib.php): by the participant's number behind the first underscore."""
    columns = order.roster.having("participant") if order.roster else []
    listed = [re.search(r"\d+$", mark.row[column].strip()) for column in columns]
    number = _number(mark, "Participant") or next((match[0] for match in listed if match), "")
    student = re.sub(r"[_/\\]", " ", mark.grading.student).strip(". ~")
    return f"{student or 'student'}_{number}_assignfeedback_file_feedback.html" if number else ""


FEEDBACK: dict[str, Callable[[Mark, Order], str]] = {"canvas-feedback": canvas_name, "moodle-feedback": moodle_name}


def write_feedback(found: Marks, order: Order, form: str, files: Mapping[str, str]) -> tuple[Grading, ...]:
    """A zip of the feedback pages, which are called so in their ``files``; returns whose are not in it, as the system
    could not tell whose they are."""
    named = [(mark, FEEDBACK[form](mark, order)) for mark in found.marks]
    with (
        placed(order.to or order.folder / f"{form}.zip") as scratch,
        zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as bulk,
    ):
        for mark, name in named:
            if name:
                page = order.folder / "feedback" / f"{files[mark.grading.student]}.html"
                bulk.writestr(zipfile.ZipInfo(name, MADE), _read(page, order.folder), zipfile.ZIP_DEFLATED)
    return tuple(mark.grading for mark, name in named if not name)


def _read(page: Path, folder: Path) -> bytes:
    try:
        return page.read_bytes()
    except OSError as error:
        raise UsageError(f"there is no {page}: python -m grader report {folder} writes it") from error
