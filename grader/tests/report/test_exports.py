"""What teachers meet when marks leave for another system: warnings, partial credit, feedback files, who is missing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.report import exports, formats, pages
from grader.report.class_report import ClassReport
from grader.report.marks import Marks, Points
from grader.report.order import Order
from grader.report.roster import Roster
from grader.result import Finding, Grade, Grading, Outcome, Point, Status
from grader.tests.refresh import SUBMISSIONS
from grader.tests.support.batch import NOW

Capture = pytest.CaptureFixture[str]
HEAD = "Student,ID,SIS Login ID,Section"
DROPOUT, QUIZ = "Dropout (77)", "Quiz (78)"


def a_grade(held: str = "", broken: str = "", **fields: Any) -> Grade:
    outcomes = {Outcome.PASSED: held, Outcome.FAILED: broken}
    findings = [Finding(rule, rule, outcome) for outcome, rules in outcomes.items() for rule in rules.split()]
    grade = Grade("hw", Status.GRADED, "no scale" if broken else "correct", "A sentence.", tuple(findings))
    return replace(grade, **fields)


def a_class(*students: tuple[str, str]) -> ClassReport:
    """Of each, the name and the number."""
    own = [replace(a_grade("R7 R8"), submission=f"s{n}") for n in range(len(students))]
    pairs = enumerate(zip(students, own, strict=True), 1)
    return ClassReport(tuple(Grading(n, name, 1, grade, at=NOW, student_id=i) for n, ((name, i), grade) in pairs))


def a_roster(path: Path, assignments: str, *rows: str) -> Roster:
    path.write_text("\n".join([f"{HEAD}{assignments}", *rows]), encoding="utf-8")
    return Roster.read(path)


def exported(report: ClassReport, name: str, to: Path, **order: Any) -> tuple[Marks, list[dict[str, str]]]:
    found = formats.export(report, name, Order(to.parent, to, **order))
    return found, list(csv.DictReader(io.StringIO(to.read_text(encoding="utf-8"))))


def test_numbers_are_numbers_in_the_results() -> None:
    for error, shown in ((-0.25, "-0.25"), (-1e-9, "0.0"), (1 / 3, "0.333333"), (float("nan"), "")):
        point = Point(0.3, "normal", 9, 1 + error, 1 + error, 1.0, 0.1)
        text = exports.to_csv([a_grade("R7", points=(point,))], ["R7"])
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["worst_error"] == shown


def test_without_a_roster_who_lacks_an_id_is_counted(tmp_path: Path) -> None:
    to = tmp_path / "c.csv"
    both, none = a_class(("leeann", "Canvas 11"), ("Bob", "")), a_class(("leeann", "Canvas 11"))
    assert exported(both, "canvas", to)[0].doubt.startswith("1 of 2 have no ID, by which Canvas knows students: give")
    assert exported(none, "canvas", to)[0].doubt == ""
    assert "1 of 2 have their name" in exported(a_class(("Ann", ""), ("Bob", "u2")), "moodle", to)[0].doubt
    assert exported(a_class(("ann@x.edu", "")), "moodle", to)[0].doubt == ""


def test_canvas_takes_the_only_assignment_that_there_is(tmp_path: Path) -> None:
    report, to = a_class(("leeann", "Canvas 11")), tmp_path / "c.csv"
    for columns, order, column, doubt in (
        (f",{DROPOUT},Final Score", {"points": 10.0}, DROPOUT, ""),
        (f",{DROPOUT},Final Score", {}, DROPOUT, f"{DROPOUT} has 10 points in the roster, and a pass gets 1"),
        (f",{DROPOUT},{QUIZ}", {}, "Variance-stabilized dropout", f"--assignment '{DROPOUT}'"),
        (f",{DROPOUT},{QUIZ}", {"assignment": QUIZ}, QUIZ, ""),
        (",Final Score", {}, "Variance-stabilized dropout", ""),
    ):
        rows = ("    Points Possible,,,,10,", '"Lee, Ann",11,al,A,,')
        roster = a_roster(tmp_path / "r.csv", columns, *rows)
        found, table = exported(report, "canvas", to, roster=roster, **order)
        assert column in table[0]
        assert doubt in found.doubt
        assert bool(doubt) == bool(found.doubt)


def test_who_handed_nothing_in_is_named(tmp_path: Path) -> None:
    roster = a_roster(
        tmp_path / "r.csv", "", '"Lee, Ann",11,al,A', '"Ray, Bob",12,br,A', '"Oh, Cy",13,co,A', '"Student, Test",9,,A'
    )
    found, _ = exported(a_class(("leeann", "Canvas 11")), "canvas", tmp_path / "c.csv", roster=roster)
    assert found.absent == ("Ray, Bob", "Oh, Cy")


@pytest.mark.parametrize(
    ("grade", "points"),
    [
        (a_grade("R1 R7 R8 R10"), 8.0),
        (a_grade("R1 R7 R10", "R8"), 6.0),
        (a_grade("R1", "R7 R8"), 0.0),
        (a_grade("R1 R7", "R8 R10"), 0.0),
        (a_grade("R1 R8 R10", "R7", status=Status.NOT_ATTEMPTED), 0.0),
        (a_grade("R1 R7"), 8.0),
        (a_grade(status=Status.RAISED), 0.0),
    ],
    ids=["pass", "in part", "nothing", "check changed", "as it went out", "pass, not all judged", "raised"],
)
def test_partial_credit_is_for_answers(grade: Grade, points: float) -> None:
    assert Points.read("R7=6, R8=2").earned(grade) == points
    assert Points.read("8").earned(grade) == (8.0 if grade.passed else 0.0)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "R7", "R7=", "R7=6,2", "R7=-1", "", "6,2"])
def test_points_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as R7=6,R8=2; got"):
        Points.read(text)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    for name, sample in {"leeann_11_501_hw": "02_sqrt", "raybob_LATE_12_502_hw": "05_root_of_p"}.items():
        (folder / "in").mkdir(exist_ok=True)
        (folder / f"in/{name}.ipynb").write_bytes((SUBMISSIONS / f"{sample}.ipynb").read_bytes())
    (folder / "in/ohcy_13_text.html").write_text("see above", encoding="utf-8")
    call = ["grade", str(folder / "in"), "--out", str(folder / "out"), "--execute", "none", "--no-figures", "--quiet"]
    assert main(call) == 0
    return folder / "out"


def test_the_command_weighs_rules_and_says_where_it_wrote(graded: Path, tmp_path: Path, capsys: Capture) -> None:
    to = tmp_path / "c.csv"
    call = ["export", str(graded), "--format", "canvas", "--to", str(to)]
    capsys.readouterr()
    assert main([*call, "--points", "R6=3,R7=6"]) == 0
    assert capsys.readouterr().err.splitlines() == [f"wrote {to}"]
    rows = list(csv.reader(io.StringIO(to.read_text(encoding="utf-8"))))
    assert {row[1]: row[-1] for row in rows[2:]} == {"11": "9", "12": "3", "13": "0"}
    assert main([*call, "--points", "R77=3"]) == 2
    assert "there is no rule R77; they are R1, R2" in capsys.readouterr().err
    for name in ("gradescope", "nbgrader"):
        assert main(["export", str(graded), "--format", name]) == 0
        assert capsys.readouterr().err == f"wrote {graded / name}\n"


def test_feedback_files_go_back_to_where_they_came_from(graded: Path, capsys: Capture) -> None:
    capsys.readouterr()
    call = ["export", str(graded), "--format", "canvas-feedback"]
    assert main(call) == 2, "there are no pages yet"
    assert f"python -m grader report {graded} writes it" in capsys.readouterr().err
    assert main(["report", str(graded)]) == 0
    assert main(call) == 1
    said = capsys.readouterr().err
    assert "left out: ohcy (no file of theirs has a name by which Canvas knows it)" in said
    assert f"wrote {graded / 'canvas-feedback.zip'}" in said
    with zipfile.ZipFile(graded / "canvas-feedback.zip") as bulk:
        for name in bulk.namelist():
            numbers = [part for part in name.split("_") if re.fullmatch(r"\d+", part)]  # Canvas takes the first two
            assert numbers[:2] in (["11", "501"], ["12", "502"])
            student = "leeann" if numbers[0] == "11" else "raybob"
            assert bulk.read(name) == (graded / f"feedback/{student}.html").read_bytes()
        assert len(bulk.namelist()) == 2


def test_moodle_takes_feedback_by_the_participants_number(tmp_path: Path) -> None:
    report = a_class(("Ann_Lee", "Participant 77"), (".Bob/Ray", "Participant 78"), ("Cy Oh", ""))
    pages.write_report(report.gradings, tmp_path, known.START, {})
    roster = Roster(tmp_path, ("No", "Full name"), ({"No": "Participant 79", "Full name": "Cy Oh"},), {})
    roster = replace(roster, roles={"No": "participant", "Full name": "name"})
    found = formats.export(report, "moodle-feedback", Order(tmp_path))
    assert [grading.student for grading in found.skipped] == ["Cy Oh"]
    formats.export(
        ClassReport(report.gradings[2:]), "moodle-feedback", Order(tmp_path, tmp_path / "b.zip", roster=roster)
    )
    names = [name for path in tmp_path.glob("*.zip") for name in zipfile.ZipFile(path).namelist()]
    parts = [name.split("_", 4) for name in names]  # as Moodle cuts them
    assert sorted(part[1] for part in parts) == ["77", "78", "79"]
    assert all(part[2:] == ["assignfeedback", "file", "feedback.html"] for part in parts)
    assert not [name for name in names if "/" in name or name.startswith(".")]


def test_the_terminal_and_the_class_page_name_who_handed_nothing_in(
    graded: Path, tmp_path: Path, capsys: Capture
) -> None:
    a_roster(
        tmp_path / "r.csv", "", '"Lee, Ann",11,al,A', '"Ray, Bob",12,br,A', '"Poe, Al",14,ap,A', '"Fox, Di",15,df,A'
    )
    options = ["--roster", str(tmp_path / "r.csv")]
    folder = graded.parent / "in"
    call = ["grade", str(folder), "--out", str(tmp_path / "out"), "--execute", "none", "--quiet", "--no-figures"]
    capsys.readouterr()
    assert main([*call, *options]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Handed in, and not in the roster under this name or number: ohcy",
        "Nothing handed in: Poe, Al; Fox, Di",
    ]
    for more, there in ((options, True), ([], False)):
        assert main(["report", str(tmp_path / "out"), *more]) == 0
        page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
        assert ("Poe, Al; Fox, Di" in page, "2 × nothing handed in" in page) == (there, there)
    assert main([*call, "--roster", str(tmp_path / "none.csv")]) == 2
    assert "none.csv cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "canvas-feedback"])
def test_a_folder_that_is_not_there_is_named(
    form: str, graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(graded), "--format", form, "--to", str(tmp_path / "none/x.csv")]) == 2
    assert f"there is no folder {tmp_path}/none" in capsys.readouterr().err
