"""The gradebook for other systems. Each writer names the document, or the importer, that its form was checked against.

A submission on which the grader itself failed has no mark: where there is one number a student, it is left out, and
named on standard error.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from grader.errors import OutputError, UsageError
from grader.exercises.interface import load
from grader.files import own_folder
from grader.report import exports, lms
from grader.report.class_report import ClassReport
from grader.report.feedback import for_student
from grader.report.marks import Mark, Marks, Points, marks
from grader.report.markup import xml_text
from grader.report.names import file_names
from grader.report.order import Order, stream
from grader.result import Finding, Grading, Outcome, Status
from grader.settings import Settings

IMPORTER = Path(__file__).with_name("templates") / "import_marks.py"


def export(report: ClassReport, name: str, order: Order) -> Marks:
    """Write one of the forms below; returns whose marks are in it and whose are not, and where it is. Raises
    ``OutputError``."""
    exercise = load(next((grading.grade.exercise for grading in report.gradings), Settings().exercise))
    if unknown := [rule for rule in order.weights if rule not in exercise.rules]:
        raise UsageError(f"--points: there is no rule {', '.join(unknown)}; they are {', '.join(exercise.rules)}")
    title = order.assignment
    if not title:
        title = lms.canvas_assignment(order.roster, exercise.title) if name == "canvas" else exercise.title
    stem = exercise.handout.notebook.stem.removesuffix("_task")
    order = replace(order, assignment=title, name=order.name or stem, to=order.to or _usual(name, order.folder))
    found = Marks(())
    try:
        if name in GRADINGS:
            GRADINGS[name](report, order)
        else:
            found = marks(report, Points(order.points, order.weights), order.roster)
        if name in MARKS:
            MARKS[name](found, order)
        if name in lms.FEEDBACK:
            files = file_names({grading.student for grading in report.gradings})
            found = replace(found, skipped=lms.write_feedback(found, order, name, files))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of(error) from error
    doubt = DOUBTS[name](found, order) if name in DOUBTS else ""
    return replace(found, where=order.to, doubt=doubt)


def _usual(name: str, folder: Path) -> Path | None:
    """Where it goes if nobody says: what is no single table, below what was graded."""
    if name in lms.FEEDBACK:
        return folder / f"{name}.zip"
    return own_folder(folder, name) if name in ("gradescope", "nbgrader") else None


def write_csv(report: ClassReport, order: Order) -> None:
    """Every grading, a row each: RFC 4180 with the columns of ``results.csv``."""
    with stream(order.to) as out:
        rules = dict.fromkeys(rule for grading in report.gradings for rule in load(grading.grade.exercise).rules)
        exports.write_csv(report.rows(), out, rules)


def write_jsonl(report: ClassReport, order: Order) -> None:
    """Every grading with all that is known of it, an object a line (jsonlines.org)."""
    with stream(order.to) as out:
        for grading in report.gradings:
            out.write(json.dumps(grading.to_dict(), ensure_ascii=False) + "\n")


def write_gradescope(found: Marks, order: Order) -> None:
    """``results.json`` for each submission: gradescope-autograders.readthedocs.io/en/latest/specs/.

    Students see the rules and the sentence of their feedback, and nothing of what the grader printed. With ``to`` a
    file, as a ``run_autograder`` wants it, there has to be one submission.
    """
    whole = order.to or order.folder
    if whole.suffix == ".json":
        if len(found.marks) != 1:
            message = f"--to {whole} is one file, and there are {len(found.marks)} submissions with a verdict"
            raise UsageError(f"{message}: name a folder, or export what was graded alone")
        targets = [(whole, found.marks[0])]
    else:
        targets = [(own_folder(whole, mark.grading.grade.submission) / "results.json", mark) for mark in found.marks]
    for path, mark in targets:
        path.parent.mkdir(parents=True, exist_ok=True)
        with stream(path) as out:
            json.dump(gradescope(mark, order.points), out, ensure_ascii=False, indent=1)


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
    suites = ElementTree.Element("testsuites", name=xml_text(order.assignment))
    for grading in report.counted:
        suites.append(_suite(grading))
    with stream(order.to) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        ElementTree.indent(suites)
        ElementTree.ElementTree(suites).write(out, encoding="unicode")
        out.write("\n")


def write_nbgrader(found: Marks, order: Order) -> None:
    """``marks.json``, and a program that puts it into nbgrader's gradebook by its documented interface
    (nbgrader.readthedocs.io "Gradebook"), to be run where nbgrader is installed."""
    folder = order.to or order.folder
    folder.mkdir(parents=True, exist_ok=True)
    students = [{"student": mark.grading.student, "score": mark.points, "at": mark.grading.at} for mark in found.marks]
    with stream(folder / "marks.json") as out:
        json.dump(
            {"assignment": order.name, "max_score": order.points, "marks": students},
            out,
            ensure_ascii=False,
            indent=1,
        )
    shutil.copyfile(IMPORTER, folder / IMPORTER.name)


GRADINGS: dict[str, Callable[[ClassReport, Order], None]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "junit": write_junit,
}
MARKS: dict[str, Callable[[Marks, Order], None]] = {
    "gradescope": write_gradescope,
    "canvas": lms.write_canvas,
    "moodle": lms.write_moodle,
    "nbgrader": write_nbgrader,
}
DOUBTS: dict[str, Callable[[Marks, Order], str]] = {"canvas": lms.canvas_doubt, "moodle": lms.moodle_doubt}


# --- parts -------------------------------------------------------------------------------------------------------


def _suite(grading: Grading) -> ElementTree.Element:
    grade = grading.grade
    judged = [f for f in grade.findings if f.outcome is not Outcome.NOT_JUDGED]
    failed = sum(f.outcome is Outcome.FAILED for f in judged)
    broken = grade.status is Status.GRADER_ERROR
    attributes = {
        "name": xml_text(grade.submission),
        "tests": str(len(grade.findings) or 1),
        "failures": str(failed if judged else int(not broken)),
        "errors": str(int(broken and not judged)),
        "skipped": str(len(grade.findings) - len(judged)),
        "time": f"{grade.duration_s:.3f}",
        "timestamp": grading.at,
    }
    suite = ElementTree.Element("testsuite", attributes)
    for finding in grade.findings:
        case = ElementTree.SubElement(suite, "testcase", classname=xml_text(grading.student), name=_title(finding))
        if finding.outcome is Outcome.NOT_JUDGED:
            ElementTree.SubElement(case, "skipped", message="not judged")
        elif finding.outcome is Outcome.FAILED:
            failure = ElementTree.SubElement(
                case, "failure", type=grade.diagnosis, message=xml_text(_compared(finding))
            )
            failure.text = xml_text(grade.feedback)
    if not grade.findings:
        case = ElementTree.SubElement(suite, "testcase", classname=xml_text(grading.student), name="verdict")
        kind = "error" if broken else "failure"
        ElementTree.SubElement(case, kind, type=grade.status.value, message=xml_text(grade.feedback))
    return suite


def _title(finding: Finding) -> str:
    return f"{finding.rule} {finding.title}"


def _compared(finding: Finding) -> str:
    within = f" (tolerance: {finding.tolerance})" if finding.tolerance else ""
    yours = f"yours: {finding.measured}; " if finding.measured else ""
    return f"{yours}contract: {finding.expected or '–'}{within}"
