"""The gradebook for other systems. Each writer names the document, or the importer, that its form was checked against.

A submission on which the grader itself failed has no mark: where there is one number a student, it is left out, and
named on standard error.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from xml.etree import ElementTree

from grader.errors import OutputError, UsageError
from grader.files import replacing
from grader.report import exports
from grader.report.feedback import for_student
from grader.report.marks import Mark, Marks, Roster, known_columns, marks
from grader.result import ClassReport, Finding, Grading, Outcome, Status

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
CANVAS_NEEDED = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("First name", "Last name", "Surname", "Full name", "Username", "ID number", "Email address")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
IMPORTER = Path(__file__).with_name("templates") / "import_marks.py"


@dataclass(frozen=True)
class Order:
    """What is wanted: ``to`` is a file or folder, None for where it usually goes; ``points`` are those of a pass."""

    folder: Path
    to: Path | None = None
    points: float = 1.0
    assignment: str = "Variance-stabilized dropout"
    roster: Roster | None = None


def export(report: ClassReport, name: str, order: Order) -> Marks:
    """Write one of the forms below; returns whose marks are in it and whose are not. Raises ``OutputError``."""
    found = marks(report, order.points, order.roster) if name in MARKS else Marks(())
    try:
        if name in MARKS:
            MARKS[name](found, order)
        else:
            GRADINGS[name](report, order)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of(error) from error
    return found


def write_csv(report: ClassReport, order: Order) -> None:
    """Every grading, a row each: RFC 4180 with the columns of ``results.csv``."""
    with _stream(order.to) as stream:
        exports.write_csv(report.rows(), stream)


def write_jsonl(report: ClassReport, order: Order) -> None:
    """Every grading with all that is known of it, an object a line (jsonlines.org)."""
    with _stream(order.to) as stream:
        for grading in report.gradings:
            stream.write(json.dumps(grading.to_dict(), ensure_ascii=False) + "\n")


def write_gradescope(found: Marks, order: Order) -> None:
    """``results.json`` for each submission: gradescope-autograders.readthedocs.io/en/latest/specs/.

    Students see the rules and the sentence of their feedback, and nothing of what the grader printed. With ``to`` a
    file, as a ``run_autograder`` wants it, there has to be one submission.
    """
    if order.to is not None and order.to.suffix == ".json":
        if len(found.marks) != 1:
            says = f"--to {order.to} is one file, and there are {len(found.marks)} submissions with a verdict"
            raise UsageError(f"{says}: name a folder, or export what was graded alone")
        targets = [(order.to, found.marks[0])]
    else:
        folder = order.to or order.folder / "gradescope"
        targets = [(folder / mark.grading.grade.submission / "results.json", mark) for mark in found.marks]
    for path, mark in targets:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _stream(path) as stream:
            json.dump(gradescope(mark, order.points), stream, ensure_ascii=False, indent=1)


def gradescope(mark: Mark, points: float) -> dict[str, Any]:
    """One ``results.json``. The mark is the submission's as a whole: the rules have a status and no points."""
    grade = for_student(mark.grading).grade
    name = f" ({grade.diagnosis})" if grade.diagnosis else ""
    return {
        "score": mark.points,
        "execution_time": round(grade.duration_s, 2),
        "output": f"{'Passed' if grade.passed else 'Not passed'}{name}, {mark.points:g} of {points:g}."
        f"\n{grade.feedback}",
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": _title(finding),
                "number": finding.rule.removeprefix("R"),
                "status": "passed" if finding.outcome is Outcome.PASSED else "failed",
                "output": _compared(finding),
                "output_format": "text",
            }
            for finding in grade.findings
            if finding.outcome is not Outcome.NOT_JUDGED
        ],
    }


def write_junit(report: ClassReport, order: Order) -> None:
    """JUnit's XML as Jenkins reads it (jenkinsci/xunit-plugin, junit-10.xsd): a suite a submission, a case a rule."""
    suites = ElementTree.Element("testsuites", name=_xml(order.assignment))
    for grading in report.counted:
        suites.append(_suite(grading))
    with _stream(order.to) as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        ElementTree.indent(suites)
        ElementTree.ElementTree(suites).write(stream, encoding="unicode")
        stream.write("\n")


def write_canvas(found: Marks, order: Order) -> None:
    """Canvas's gradebook import (instructure/canvas-lms, lib/gradebook_importer.rb; "How do I import grades in the
    Gradebook?"): its five columns about the student, the assignment, a row with the points possible.

    With a roster, Canvas's own export, students are known by their ID; without, by their name as Canvas has it.
    ``assignment`` "Dropout (1234)" is the one with this ID; a title that Canvas does not know makes a new one.
    """
    known = known_columns(order.roster, CANVAS, CANVAS_NEEDED) or list(CANVAS_NEEDED)
    blank = dict.fromkeys(known, "")
    rows = [{**blank, "Student": "    Points Possible", order.assignment: f"{order.points:g}"}]
    for mark in found.marks:
        student = {name: mark.row[name] for name in known} if mark.row else {**blank, "Student": mark.grading.student}
        rows.append({**student, order.assignment: f"{mark.points:g}"})
    _write_table([*known, order.assignment], rows, order.to)


def write_moodle(found: Marks, order: Order) -> None:
    """Moodle's grade import (docs.moodle.org "Grade import"): what identifies a student, grade and feedback, under the
    names of Moodle's own export; both columns, because an import of one alone would empty the other.

    With a roster, Moodle's export of grades or participants, students have its names; without, what they are called
    here is taken for their address, or else for their ID number.
    """
    grade, feedback = (f"{order.assignment} ({what})" for what in ("Real", "Feedback"))
    known = known_columns(order.roster, MOODLE, ())
    if order.roster and not set(known) & {"Username", "ID number", "Email address"}:
        raise UsageError(f"--roster {order.roster.path} has no column Email address, ID number or Username")
    addresses = all("@" in mark.grading.student for mark in found.marks)
    own = "Email address" if addresses else "ID number"
    rows = []
    for mark in found.marks:
        student = {name: mark.row[name] for name in known} if mark.row else {own: mark.grading.student}
        rows.append({**student, grade: f"{mark.points:g}", feedback: mark.grading.grade.feedback})
    _write_table([*(known or [own]), grade, feedback], rows, order.to)


def write_nbgrader(found: Marks, order: Order) -> None:
    """``marks.json``, and a program that puts it into nbgrader's gradebook by its documented interface
    (nbgrader.readthedocs.io "Gradebook"), to be run where nbgrader is installed."""
    folder = order.to or order.folder / "nbgrader"
    folder.mkdir(parents=True, exist_ok=True)
    students = [{"student": mark.grading.student, "score": mark.points, "at": mark.grading.at} for mark in found.marks]
    with _stream(folder / "marks.json") as stream:
        json.dump({"max_score": order.points, "marks": students}, stream, ensure_ascii=False, indent=1)
    shutil.copyfile(IMPORTER, folder / IMPORTER.name)


GRADINGS: dict[str, Callable[[ClassReport, Order], None]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "junit": write_junit,
}
MARKS: dict[str, Callable[[Marks, Order], None]] = {
    "gradescope": write_gradescope,
    "canvas": write_canvas,
    "moodle": write_moodle,
    "nbgrader": write_nbgrader,
}


# --- parts -------------------------------------------------------------------------------------------------------


def _suite(grading: Grading) -> ElementTree.Element:
    grade = grading.grade
    judged = [f for f in grade.findings if f.outcome is not Outcome.NOT_JUDGED]
    failed = sum(f.outcome is Outcome.FAILED for f in judged)
    broken = grade.status is Status.GRADER_ERROR
    attributes = {
        "name": _xml(grade.submission),
        "tests": str(len(grade.findings) or 1),
        "failures": str(failed if judged else int(not broken)),
        "errors": str(int(broken and not judged)),
        "skipped": str(len(grade.findings) - len(judged)),
        "time": f"{grade.duration_s:.3f}",
        "timestamp": grading.at,
    }
    suite = ElementTree.Element("testsuite", attributes)
    for finding in grade.findings:
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(grading.student), name=_title(finding))
        if finding.outcome is Outcome.NOT_JUDGED:
            ElementTree.SubElement(case, "skipped", message="not judged")
        elif finding.outcome is Outcome.FAILED:
            failure = ElementTree.SubElement(case, "failure", type=grade.diagnosis, message=_xml(_compared(finding)))
            failure.text = _xml(grade.feedback)
    if not grade.findings:
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(grading.student), name="verdict")
        kind = "error" if broken else "failure"
        ElementTree.SubElement(case, kind, type=grade.status.value, message=_xml(grade.feedback))
    return suite


def _title(finding: Finding) -> str:
    return f"{finding.rule} {finding.title}"


def _compared(finding: Finding) -> str:
    within = f" (within {finding.tolerance})" if finding.tolerance else ""
    yours = f"yours: {finding.measured}; " if finding.measured else ""
    return f"{yours}contract: {finding.expected or '–'}{within}"


def _xml(text: str) -> str:
    return NO_XML.sub("\ufffd", text)


def _write_table(columns: Sequence[str], rows: Sequence[dict[str, str]], to: Path | None) -> None:
    with _stream(to) as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: exports.plain_text(value) for name, value in row.items()} for row in rows)


@contextmanager
def _stream(path: Path | None) -> Iterator[TextIO]:
    """A file that takes its name when it is complete, or standard output."""
    if path is None:
        yield sys.stdout
        return
    with replacing(path) as scratch, exports.text(scratch) as stream:
        yield stream
