"""The gradebook in the forms of other systems, each held against what its reader takes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest

from grader import load
from grader.cli import FORMATS, main
from grader.errors import UsageError
from grader.report import formats
from grader.report.marks import Mark, Roster, marks
from grader.result import ClassReport, Finding, Grade, Grading, Outcome, Status
from grader.tests.refresh import ROOT, SAMPLES, SUBMISSIONS

Capture = pytest.CaptureFixture[str]
TITLE = "Variance-stabilized dropout"
FIRST, SECOND = list(SAMPLES)[:2]

# gradescope-autograders.readthedocs.io/en/latest/specs/, as a JSON schema that takes nothing else
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
TEST_CASE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": FORMAT,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": VISIBILITY,
        "extra_data": {"type": "object"},
    },
}
GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["score"],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST_CASE},
        "leaderboard": {"type": "array"},
    },
}
# jenkinsci/xunit-plugin, junit-10.xsd: which attributes an element needs, which it may have, what it may hold
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"time", "skipped", "timestamp"}, {"testcase"}),
    "testcase": ({"name"}, {"time", "classname"}, {"skipped", "error", "failure"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("class")
    assert main(["grade", str(SUBMISSIONS), "--out", str(out), "--execute", "none", "--quiet", "--no-figures"]) == 0
    return out


@pytest.fixture(scope="module")
def report(folder: Path) -> ClassReport:
    return load(folder)


def a_grading(student: str, *, passed: bool = True, **grade: Any) -> Grading:
    findings = (replace(FINDING, outcome=Outcome.PASSED if passed else Outcome.FAILED),)
    own = Grade("s", Status.GRADED, "correct" if passed else "no scale", "A sentence.", findings)
    return Grading(
        1, student, 1, replace(own, submission=f"work of {student}", **grade), at="2026-11-24T10:00:00+00:00"
    )


FINDING = Finding("R7", "Scale", Outcome.PASSED, "1.195", "1.195", "1e-6")
FAILED_ON: dict[str, Any] = {"status": Status.GRADER_ERROR, "findings": (), "feedback": "The grader failed."}


def written(report: ClassReport, name: str, to: Path, **order: Any) -> str:
    formats.export(report, name, formats.Order(to.parent, to, **order))
    return to.read_text(encoding="utf-8")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_command_knows_every_form() -> None:
    assert set(FORMATS) == {*formats.GRADINGS, *formats.MARKS}


def test_csv_and_jsonl_hold_every_grading(folder: Path, capsys: Capture) -> None:
    assert main(["export", str(folder), "--format", "csv"]) == 0
    rows = table(capsys.readouterr().out)
    assert {row["student"] for row in rows} == set(SAMPLES)
    assert main(["export", str(folder), "--format", "jsonl"]) == 0
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["diagnosis"] for one in objects] == [row["diagnosis"] for row in rows]
    assert all(one["source"] for one in objects)


def test_gradescope_takes_every_result(folder: Path, report: ClassReport) -> None:
    assert main(["export", str(folder), "--format", "gradescope", "--points", "10"]) == 0
    passed = {grading.grade.submission: grading.grade.passed for grading in report.counted}
    found = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("gradescope/*/results.json")}
    assert set(found) == set(SAMPLES)
    for name, result in found.items():
        jsonschema.validate(result, GRADESCOPE)
        assert result["score"] == (10 if passed[name] else 0)
        assert all(test["status"] == "passed" for test in result["tests"]) == passed[name] or not result["tests"]
        assert str(next(g.grade.seed for g in report.counted if g.grade.submission == name)) not in json.dumps(result)


def test_the_readmes_autograder_writes_the_one_file_that_gradescope_reads(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = readme.partition("```bash\n#!/bin/bash\n")[2].partition("```")[0]
    (tmp_path / "submission").mkdir()
    shutil.copy(SUBMISSIONS / f"{SECOND}.ipynb", tmp_path / "submission")
    places = {"/autograder/source": ROOT, "/autograder/": f"{tmp_path}/", "/tmp/graded": tmp_path / "graded"}
    for old, new in {**places, "python3": sys.executable}.items():
        assert old in script
        script = script.replace(old, str(new))
    run("bash", "-ec", script)
    result = json.loads((tmp_path / "results/results.json").read_text())
    jsonschema.validate(result, GRADESCOPE)
    assert result["score"] == 10


def test_one_file_for_several_submissions_is_an_error(report: ClassReport, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is one file, and there are 12 submissions"):
        written(report, "gradescope", tmp_path / "results.json")
    assert not list(tmp_path.iterdir())


def test_jenkins_takes_the_xml_and_another_reader_counts_the_same(report: ClassReport, tmp_path: Path) -> None:
    broken = a_grading("eve\x00\ud800", **FAILED_ON)
    raised = a_grading("bob", status=Status.RAISED, findings=(), feedback="It <raises> \x1b[31m & more.")
    whole = ClassReport((*report.gradings, broken, raised))
    text = written(whole, "junit", tmp_path / "junit.xml")
    check(ElementTree.fromstring(text))
    suites = junitparser.JUnitXml.fromstring(text.encode())
    assert len(list(suites)) == len(whole.counted)
    for suite, grading in zip(suites, whole.counted, strict=True):
        cases = [case.result[0] if case.result else None for case in suite]
        assert sum(isinstance(case, junitparser.Failure) for case in cases) == suite.failures
        assert sum(isinstance(case, junitparser.Error) for case in cases) == suite.errors
        assert sum(isinstance(case, junitparser.Skipped) for case in cases) == suite.skipped
        assert len(cases) == suite.tests
        assert (suite.failures + suite.errors == 0) == grading.grade.passed


def check(element: ElementTree.Element) -> None:
    needed, allowed, children = JUNIT[element.tag]
    assert needed <= set(element.attrib) <= needed | allowed
    for child in element:
        assert child.tag in children
        check(child)


def test_canvas_recognizes_its_columns(report: ClassReport, tmp_path: Path) -> None:
    """The importer's own conditions on the header and on the row of points."""
    head, points, *rows = csv.reader(io.StringIO(written(report, "canvas", tmp_path / "c.csv", points=5.0)))
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in points[0]
    assert (head[5], points[5]) == (TITLE, "5")
    assert {row[0]: row[5] for row in rows} == {g.student: "5" if g.grade.passed else "0" for g in report.counted}


def test_canvas_finds_students_by_the_names_of_their_files(tmp_path: Path, capsys: Capture) -> None:
    roster = tmp_path / "grades.csv"
    roster.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Integration ID,Section,Quiz (7),Final Score\n"
        "    Points Possible,,,,,,3,(read only)\n"
        '"Lee, Ann-Marie",11,s11,aml,,A,2,90\n"Ng, Bo",12,s12,bong,,B,1,80\n',
        encoding="utf-8",
    )
    report = ClassReport((a_grading("leeannmarie"), a_grading("BONG", passed=False)))
    text = written(report, "canvas", tmp_path / "c.csv", roster=Roster.read(roster), assignment="Dropout (99)")
    assert table(text)[1:] == [
        {"Student": "Lee, Ann-Marie", "ID": "11", "SIS User ID": "s11", "SIS Login ID": "aml"}
        | {"Integration ID": "", "Section": "A", "Dropout (99)": "1"},
        {"Student": "Ng, Bo", "ID": "12", "SIS User ID": "s12", "SIS Login ID": "bong"}
        | {"Integration ID": "", "Section": "B", "Dropout (99)": "0"},
    ]


def test_moodle_gets_what_identifies_a_student_a_grade_and_feedback(tmp_path: Path) -> None:
    roster = tmp_path / "participants.csv"
    roster.write_text("First name;Last name;Email address;Groups\nAnn;Lee;ann@example.org;1\n", encoding="utf-8")
    report = ClassReport((a_grading("Ann Lee", feedback="=1+1"),))
    (row,) = table(written(report, "moodle", tmp_path / "m.csv", roster=Roster.read(roster)))
    assert row == {
        "First name": "Ann",
        "Last name": "Lee",
        "Email address": "ann@example.org",
        f"{TITLE} (Real)": "1",
        f"{TITLE} (Feedback)": "'=1+1",
    }
    (row,) = table(written(ClassReport((a_grading("bo@example.org"),)), "moodle", tmp_path / "m.csv"))
    assert row["Email address"] == "bo@example.org"
    (row,) = table(written(ClassReport((a_grading("0042"),)), "moodle", tmp_path / "m.csv"))
    assert row["ID number"] == "0042"


def test_who_gets_no_mark_is_named(tmp_path: Path, folder: Path, capsys: Capture) -> None:
    roster = tmp_path / "r.csv"
    roster.write_text(f"Username,Email address\n{FIRST},x@example.org\n", encoding="utf-8")
    options = ["--format", "moodle", "--roster", str(roster), "--to", str(tmp_path / "m.csv")]
    assert main(["export", str(folder), *options]) == 1
    said = capsys.readouterr().err
    assert said.count("left out: ") == len(SAMPLES) - 1
    assert f"left out: {SECOND} (not in {roster})" in said
    assert len(table((tmp_path / "m.csv").read_text())) == 1


@pytest.mark.parametrize("name", sorted(formats.MARKS))
def test_a_failure_of_the_grader_is_nobodys_zero(name: str, tmp_path: Path) -> None:
    report = ClassReport((a_grading("ann"), a_grading("eve", **FAILED_ON)))
    found = formats.export(report, name, formats.Order(tmp_path, tmp_path / "out"))
    assert [grading.student for grading in found.unjudged] == ["eve"]
    files = [tmp_path / "out"] if (tmp_path / "out").is_file() else [*(tmp_path / "out").rglob("*.json")]
    assert files
    assert not [path for path in files if "eve" in str(path) or "eve" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Student,ID\n", "has no students"),
        (b"\xff\xfe\x00", "cannot be read as CSV in UTF-8"),
        (b'Student\n"open', "cannot be read as CSV"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_roster_is_a_clear_error(content: bytes | None, says: str, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    if content is not None:
        roster.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        Roster.read(roster)


def test_only_what_names_a_student_is_looked_at(tmp_path: Path, capsys: Capture) -> None:
    roster = tmp_path / "grades.csv"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,HW1 (12)\n    Points Possible,,,,,85\n"
        '"Lee, Ann",501,s1,leeann,B,85\n"Poe, Bob",502,s2,bpoe,B,10\n"Roe, Cy",503,s3,cy,A,10\n'
        '"Roe, Cy",504,s4,dy,A,1\n',
        encoding="utf-8",
    )
    names = ("85", "10", "B", "    Points Possible", "leeann", "Lee Ann", "bpoe", "Roe, Cy", "dy")
    found = marks(ClassReport(tuple(map(a_grading, names))), 1.0, Roster.read(roster))
    assert [(mark.grading.student, mark.row["ID"]) for mark in found.marks] == [("bpoe", "502")]
    assert [grading.student for grading in found.unknown] == list(names[:4])
    assert [grading.student for grading in found.unclear] == ["leeann", "Lee Ann", "Roe, Cy", "dy"]


def test_who_could_be_somebody_else_is_named_and_stops_nobody(tmp_path: Path, folder: Path, capsys: Capture) -> None:
    roster = tmp_path / "r.csv"
    roster.write_text(f"Username,Email address\n{FIRST},x@example.org\n{FIRST},y@example.org\n{SECOND},\n")
    options = ["--format", "moodle", "--roster", str(roster), "--to", str(tmp_path / "m.csv")]
    assert main(["export", str(folder), *options]) == 1
    assert f"left out: {FIRST} (in {roster}, more than one fits: " in capsys.readouterr().err
    assert [row["Username"] for row in table((tmp_path / "m.csv").read_text())] == [SECOND]


def test_a_roster_without_the_columns_is_an_error(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("Student,Name\nann,Ann\nANN,Ann\n", encoding="utf-8")
    read = Roster.read(roster)
    for name, says in (("canvas", "has no column 'ID'"), ("moodle", "no column Email address")):
        with pytest.raises(UsageError, match=says):
            formats.export(ClassReport(()), name, formats.Order(tmp_path, tmp_path / "x.csv", roster=read))


def test_points_have_to_be_a_number_of_points(folder: Path, capsys: Capture) -> None:
    for points in ("0", "-1", "nan", "inf"):
        assert main(["export", str(folder), "--format", "csv", "--points", points]) == 2
    assert main(["export", str(folder / "nowhere"), "--format", "csv"]) == 2
    assert "there is no gradebook.sqlite" in capsys.readouterr().err


@pytest.mark.slow
def test_nbgraders_own_gradebook_takes_the_marks(
    folder: Path, report: ClassReport, nbgrader: Path, tmp_path: Path
) -> None:
    """nbgrader itself, in an environment of its own, exports what was brought in."""
    assert main(["export", str(folder), "--format", "nbgrader", "--points", "4"]) == 0
    book = tmp_path / "gradebook.db"
    for _ in range(2):  # to bring them in again changes nothing
        run(nbgrader / "python", folder / "nbgrader/import_marks.py", book)
    run(nbgrader / "nbgrader", "export", f"--db=sqlite:///{book}", "--to", tmp_path / "grades.csv", cwd=tmp_path)
    found = {
        row["student_id"]: (row["score"], row["max_score"]) for row in table((tmp_path / "grades.csv").read_text())
    }
    assert found == {g.student: (str(4.0 * g.grade.passed), "4.0") for g in report.counted}


def run(*words: Any, cwd: Path | None = None) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_mark_is_all_or_nothing() -> None:
    found = marks(ClassReport((a_grading("a"), a_grading("b", passed=False))), 7.0)
    assert [mark.points for mark in found.marks] == [7.0, 0.0]
    assert isinstance(found.marks[0], Mark)
