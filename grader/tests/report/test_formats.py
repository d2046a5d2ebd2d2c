"""The gradebook in the forms of other systems, each held against what its reader takes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest

from grader import load
from grader.cli import main
from grader.course.commands import FORMATS
from grader.errors import UsageError
from grader.report import exports, formats, lms
from grader.report.class_report import ClassReport
from grader.report.marks import Mark, marks
from grader.report.order import Order
from grader.report.roster import Roster
from grader.result import Finding, Grade, Grading, Outcome, Status
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


def a_grading(student: str, *, passed: bool = True, student_id: str = "", **grade: Any) -> Grading:
    findings = (replace(FINDING, outcome=Outcome.PASSED if passed else Outcome.FAILED),)
    own = Grade("s", Status.GRADED, "correct" if passed else "no scale", "A sentence.", findings)
    own = replace(own, submission=f"work of {student}", **grade)
    return Grading(1, student, 1, own, at="2026-11-24T10:00:00+00:00", student_id=student_id)


FINDING = Finding("R7", "Scale", Outcome.PASSED, "1.195", "1.195", "1e-6")
FAILED_ON: dict[str, Any] = {"status": Status.GRADER_ERROR, "findings": (), "feedback": "The grader failed."}


def written(report: ClassReport, name: str, to: Path, **order: Any) -> str:
    formats.export(report, name, Order(to.parent, to, **order))
    return to.read_text(encoding="utf-8")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_command_knows_every_form() -> None:
    assert set(FORMATS) == {*formats.GRADINGS, *formats.MARKS, *lms.FEEDBACK}


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "score", "says"),
    [
        ({f"{SECOND}.ipynb": SECOND}, 10, "Passed"),
        ({"Untitled.ipynb": SECOND, "variance_dropout_task.ipynb": FIRST}, 10, "does not count"),
        ({"hw.pdf": SECOND}, 0, "there is no notebook and no dropout.py among: hw.pdf"),
        ({}, 0, "the folder is empty"),
    ],
)
def test_the_readmes_autograder_writes_the_one_file_that_gradescope_reads(
    tmp_path: Path, names: dict[str, str], score: int, says: str
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = readme.partition("```bash\n#!/bin/bash\n")[2].partition("```")[0]
    (tmp_path / "submission").mkdir()
    for name, sample in names.items():
        shutil.copy(SUBMISSIONS / f"{sample}.ipynb", tmp_path / "submission" / name)
    places = {"/autograder/source": ROOT, "/autograder/": f"{tmp_path}/", "/tmp/graded": tmp_path / "graded"}
    for old, new in {**places, "python3": sys.executable}.items():
        assert old in script
        script = script.replace(old, str(new))
    run("bash", "-ec", script)
    result = json.loads((tmp_path / "results/results.json").read_text())
    jsonschema.validate(result, GRADESCOPE)
    assert result["score"] == score
    assert says in result["output"]


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
    found = formats.export(report, name, Order(tmp_path, tmp_path / "out"))
    assert [grading.student for grading in found.unjudged] == ["eve"]
    files = [tmp_path / "out"] if (tmp_path / "out").is_file() else [*(tmp_path / "out").rglob("*.json")]
    assert files
    assert not [path for path in files if "eve" in str(path) or "eve" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Student,ID\n", "has no students"),
        (b"\xff\xfe\x00", "line 1: a character that is not in UTF-8; save it as UTF-8"),
        (b"Student,ID\nM\xfcller,1\n", "line 2: a character that is not in UTF-8"),
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


def test_a_roster_that_a_spreadsheet_saved_in_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("Student\tID\nMüller, Änne\t1\n", encoding="utf-16")
    assert [row["Student"] for row in Roster.read(tmp_path / "roster.csv").rows] == ["Müller, Änne"]


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
            formats.export(ClassReport(()), name, Order(tmp_path, tmp_path / "x.csv", roster=read))


# --- rosters ---

LEES = (
    a_grading("leeann (11)", student_id="Canvas 11"),
    a_grading("leeann (12)", student_id="Canvas 12", passed=False),
    a_grading("müllerjürgen", student_id="Canvas 13"),
)
HEADS = {
    "all": "Student,ID,SIS User ID,SIS Login ID,Section",
    "no SIS": "Student,ID,SIS Login ID,Section",
    "least": "Student,ID,Section",
    "apart": "LastName,FirstName,ID,SIS Login ID,Section",
}


def a_roster(path: Path, head: str, *rows: str, **named: str) -> Roster:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return Roster.read(path, named)


@pytest.mark.parametrize("form", HEADS)
def test_canvas_rosters_of_every_form_know_namesakes_by_their_numbers(tmp_path: Path, form: str) -> None:
    columns = HEADS[form].split(",")
    students = [("Lee", "Ann", "11"), ("Lee", "Ann", "12"), (unicodedata.normalize("NFD", "Müller"), "Jürgen", "13")]
    rows = []
    for last, first, number in students:
        says = {"Student": f'"{last}, {first}"', "LastName": last, "FirstName": first, "ID": number}
        rows.append(",".join(says.get(column, f"{column[:5]}-{number}") for column in columns))
    own = ["," * (len(columns) - 1), "    Points Possible" + "," * (len(columns) - 1)]
    roster = a_roster(tmp_path / "r.csv", HEADS[form], *own, *rows)
    points, *found = table(written(ClassReport(LEES), "canvas", tmp_path / "c.csv", roster=roster, assignment="D (9)"))
    assert "Points Possible" in points["Student"]
    assert [*found[0]] == ["Student", *(c for c in columns if c not in ("Student", "LastName", "FirstName")), "D (9)"]
    assert {row["ID"]: row["D (9)"] for row in found} == {"11": "1", "12": "0", "13": "1"}
    assert found[0]["Student"] == "Lee, Ann"
    without = table(written(ClassReport(LEES), "canvas", tmp_path / "c.csv"))[1:]
    assert [row["ID"] for row in without] == ["11", "12", "13"]


MOODLE_HEADS = {
    "First name,Last name,ID number,Institution,Department,Email address": "Ann,Lee,n1,,,a@x.edu",
    "Vorname,Nachname,ID-Nummer,Institution,Abteilung,E-Mail-Adresse,Kurs gesamt": "Ann,Lee,n1,,,a@x.edu,3",
    "Prénom;Nom de famille;Numéro d’identification;Institution;Département;Adresse de courriel": "Ann;Lee;n1;;;a@x.edu",
    "Nombre,Apellido(s),Dirección de correo,Grupos": "Ann,Lee,a@x.edu,1",
    "Identifier,Full name,Email address,Status,Grade": "Participant 77,Ann Lee,a@x.edu,,",
    "ID,Vollständiger Name,E-Mail-Adresse,Status": "Teilnehmer/in77,Ann Lee,a@x.edu,",
    "Vollständiger Name,E-Mail-Adresse": "Ann Lee,a@x.edu",
}


@pytest.mark.parametrize("head", MOODLE_HEADS)
def test_moodles_rosters_are_read_in_every_language(tmp_path: Path, head: str) -> None:
    other = MOODLE_HEADS[head].replace("Ann", "Bob").replace("a@", "b@").replace("n1", "n2").replace("77", "1")
    roster = a_roster(tmp_path / "r.csv", head, MOODLE_HEADS[head], other)
    report = ClassReport((a_grading("Ann Lee", student_id="Participant 77"),))
    (row,) = table(written(report, "moodle", tmp_path / "m.csv", roster=roster))
    assert "a@x.edu" in row.values()
    assert row[f"{TITLE} (Real)"] == "1"
    if "participant" in roster.roles.values():
        (found,) = marks(ClassReport((a_grading("Participant", student_id="Participant 77"),)), 1.0, roster).marks
        assert "a@x.edu" in found.row.values()


def test_a_number_of_moodles_own_is_no_schools_number(tmp_path: Path) -> None:
    roster = a_roster(tmp_path / "r.csv", "First name,Last name,ID number", "Ann,Lee,12", "Bob,Ray,11")
    graded = (a_grading("Cy Oh", student_id="Participant 11"), a_grading("Ann Lee", student_id="Participant 11"))
    found = marks(ClassReport(graded), 1.0, roster)
    assert [mark.row["ID number"] for mark in found.marks] == ["12"]
    assert [grading.student for grading in found.unknown] == ["Cy Oh"]


def test_a_number_in_the_name_tells_namesakes_apart(tmp_path: Path) -> None:
    rows = ("Ann Lee,n1", "Ann Lee,n2", "Ann Lee,n3", "Bob (Jr),n5", unicodedata.normalize("NFD", "Jürgen Oh,n6"))
    roster = a_roster(tmp_path / "r.csv", "Full name,ID number", *rows)
    names = ("Ann Lee (n2)", "Ann Lee (N1)", "Ann Lee (9)", "Bob (Jr)", "Jürgen Oh")
    found = marks(ClassReport(tuple(map(a_grading, names))), 1.0, roster)
    assert [mark.row["ID number"] for mark in found.marks] == ["n2", "n1", "n5", "n6"]
    assert [grading.student for grading in found.unclear] == ["Ann Lee (9)"]


def test_a_number_that_contradicts_the_name_is_unclear(tmp_path: Path) -> None:
    roster = a_roster(tmp_path / "r.csv", "Full name,ID number", "Ann Lee,12", "Bob Ray,11", "Cy Oh,13")
    graded = (a_grading("Ann Lee", student_id="11"), a_grading("A. Lee", student_id="13"))
    found = marks(ClassReport(graded), 1.0, roster)
    assert [grading.student for grading in found.unclear] == ["Ann Lee"]
    assert [mark.row["Full name"] for mark in found.marks] == ["Cy Oh"]


def test_columns_are_named_where_nothing_tells(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    roster = tmp_path / "r.csv"
    roster.write_text(f"Matrikel;Wer\n007;{FIRST}\n", encoding="utf-8")
    call = ["export", str(folder), "--format", "moodle", "--roster", str(roster), "--to", str(tmp_path / "m.csv")]
    assert main(call) == 2
    assert "or say with --columns which one it is" in capsys.readouterr().err
    assert main([*call, "--columns", "id=Matrikel,name=Wer"]) == 1
    assert [row["Matrikel"] for row in table((tmp_path / "m.csv").read_text(encoding="utf-8"))] == ["007"]
    capsys.readouterr()
    for columns, says in (("id=Nummer", "no column 'Nummer'"), ("Matrikel", "'Matrikel' is none of name, first, last")):
        assert main([*call, "--columns", columns]) == 2
        assert says in capsys.readouterr().err


def test_points_have_to_be_a_number_of_points(folder: Path, capsys: Capture) -> None:
    for points in ("0", "-1", "nan", "inf"):
        assert main(["export", str(folder), "--format", "csv", "--points", points]) == 2
    assert main(["export", str(folder / "nowhere"), "--format", "csv"]) == 2
    assert "there is no gradebook.sqlite" in capsys.readouterr().err


def run(*words: Any, cwd: Path | None = None) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_mark_is_all_or_nothing() -> None:
    found = marks(ClassReport((a_grading("a"), a_grading("b", passed=False))), 7.0)
    assert [mark.points for mark in found.marks] == [7.0, 0.0]
    assert isinstance(found.marks[0], Mark)


WIDE = ["\uff1d", "\uff0b", "\uff0d", "\uff20"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", *WIDE, " =", "\u200b=", "\ufeff\uff1d", "\n="])
def test_no_width_and_no_blank_makes_a_formula(sign: str) -> None:
    assert exports.plain_text(f"{sign}1+1") == f"'{sign}1+1"
    assert exports.plain_text(f"a{sign}1") == f"a{sign}1"
