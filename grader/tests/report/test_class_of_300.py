"""A class of 300 in each layout: attributed and exported, and nobody is lost on the way."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.report import formats
from grader.report.class_report import ClassReport
from grader.report.marks import marks
from grader.report.order import Order
from grader.report.roster import Roster
from grader.result import Finding, Grade, Grading, Outcome, Status
from grader.submissions.collect import collect
from grader.submissions.gradescope import LIST

N = 300
FIRST = ("Ann", "Bo", "Çağla", "Jürgen", "Renée", "Zoë", "Łukasz", "Þóra", "O’Neil", "Mary Ann")
LAST = ("Lee", "Müller", "Ng", "O'Brien", "Díaz-Ruiz", "Šimić", "van der Berg", "Ray", "Ünal", "Åberg")


def first(n: int) -> str:
    return FIRST[n % 10]


def last(n: int) -> str:
    return LAST[n // 10 % 10]  # every name three times: only their numbers tell namesakes apart


def run_together(n: int) -> str:
    return "".join(sign for sign in f"{last(n)}{first(n)}".lower() if sign.isalnum())


LAYOUTS: dict[str, Callable[[int], str]] = {
    "canvas": lambda n: f"{run_together(n)}_{'LATE_' * (n % 7 == 0)}{9000 + n}_{n}_task{'-1' * (n % 3 == 0)}.ipynb",
    "moodle": lambda n: f"{first(n)} {last(n)}_{9000 + n}_assignsubmission_file_/task.ipynb",
    "gradescope": lambda n: f"export/submission_{n}/task.ipynb",
    "nbgrader": lambda n: f"submitted/login{n}/ps1/task.ipynb",
    "blackboard": lambda n: f"HW_login{n}_attempt_2026-01-31-12-00-00_task.ipynb",
    "brightspace": lambda n: f"{9000 + n}-442 - S{n} {first(n)} {last(n)} - Dec 5, 2024 1149 AM/task.ipynb",
    "folders": lambda n: f"class/login{n}/task.ipynb",
    "flat": lambda n: f"login{n}.ipynb",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_of_300_is_attributed_and_exported(tmp_path: Path, layout: str) -> None:
    listed = "".join(
        f'submission_{n}:\n  :submitters:\n  - :name: "{first(n)} {last(n)}"\n    :sid: S{n}\n' for n in range(N)
    )
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as bulk:
        for n in range(N):
            bulk.writestr(LAYOUTS[layout](n), "{}")
        if layout == "gradescope":
            bulk.writestr(f"export/{LIST}", listed)
    said: list[str] = []
    items = collect([tmp_path / "class.zip"], tmp_path / "out", say=said.append)
    assert len({item.student for item in items}) == len(items) == N
    assert not any(item.problem for item in items)
    assert "named otherwise" not in said[0]
    finding = Finding("R1", "", Outcome.PASSED)
    grades = [Grade(item.name, Status.GRADED, "correct", "", (finding,)) for item in items]
    report = ClassReport(
        tuple(
            Grading(1, item.student, item.attempt, grade, student_id=item.student_id)
            for item, grade in zip(items, grades, strict=True)
        )
    )
    canvas, moodle = tmp_path / "canvas.csv", tmp_path / "moodle.csv"
    _write(
        canvas,
        [["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]]
        + [[f"{last(n)}, {first(n)}", str(9000 + n), f"S{n}", f"login{n}", "A"] for n in range(N)],
    )
    _write(
        moodle,
        [["Identifier", "First name", "Last name", "ID number", "Username", "Email address"]]
        + [[f"Participant {9000 + n}", first(n), last(n), f"S{n}", f"login{n}", f"{n}@x.edu"] for n in range(N)],
    )
    for form, path in (("canvas", canvas), ("moodle", moodle)):
        if (layout, form) in (("canvas", "moodle"), ("moodle", "canvas")):
            continue  # one platform's numbers are not the other's, and the names are not enough
        roster = Roster.read(path)
        found = marks(report, 1.0, roster)
        assert len(found.marks) == N and not (found.unknown or found.unclear)
        assert len({id(mark.row) for mark in found.marks}) == N
        formats.export(report, form, Order(tmp_path, tmp_path / "out.csv", roster=roster))
        with (tmp_path / "out.csv").open(encoding="utf-8") as stream:
            assert sum(1 for _ in csv.DictReader(stream)) == N + (form == "canvas")


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
