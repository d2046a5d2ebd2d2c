"""The seam: a second exercise goes through everything, and nothing outside its folder knows of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader import Grader, Settings, grade_class, load, load_exercise, setup_task_files
from grader.cli import main
from grader.tests.exercises import rms

NAME = "grader.tests.exercises.rms"
ANSWERS = {
    "ann": rms.REFERENCE,
    "bob": rms.START,
    "cy": rms.START.replace("x / mean_square", "x"),
    "dee": rms.START.replace("x / mean_square", "-x / np.sqrt(mean_square)"),
    "eve": "1 / 0",
}
DIAGNOSES = {
    "ann": "correct",
    "bob": "not attempted",
    "cy": "wrong root mean square",
    "dee": "wrong direction",
    "eve": "raised",
}


def submitted(folder: Path) -> Path:
    notebook = json.loads((rms.HERE / "task.ipynb").read_text(encoding="utf-8"))
    for student, source in ANSWERS.items():
        (answer,) = [cell for cell in notebook["cells"] if "implementation" in cell["metadata"].get("tags", ())]
        answer["source"] = source
        path = folder / student / "task.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rms")
    report = grade_class(submitted(folder / "in"), folder / "out", Settings(exercise=NAME, execute="none"))
    assert {grading.student: grading.grade.diagnosis for grading in report.counted} == DIAGNOSES
    return folder / "out"


def test_its_rules_are_the_columns_of_the_results(reports: Path) -> None:
    with (reports / "results.csv").open(encoding="utf-8") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert [name for name in rows["ann"] if name.startswith(("A", "R"))] == list(rms.EXERCISE.rules)
    assert rows["dee"]["A3"] == "failed"
    assert rows["ann"]["A4"] == "passed"


def test_its_pages_and_figures_speak_of_it_alone(reports: Path) -> None:
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "Row-wise RMS normalization: the class" in page
    assert "Short rows and long ones" in page
    assert "A2 root mean square" in page
    figure = (reports / "figures" / "ann__task.svg").read_text(encoding="utf-8")
    assert "Root mean square of a row against its length. Measured: 1 at columns of a row = 4" in figure
    for text in [*reports.rglob("*.html"), *reports.rglob("*.svg"), reports / "results.csv"]:
        for word in ("ropout", "Var[", "probability"):
            assert word not in text.read_text(encoding="utf-8"), text


@pytest.mark.parametrize("form", ["csv", "jsonl", "junit", "canvas", "moodle", "gradescope", "nbgrader"])
def test_it_is_exported(reports: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / ("out" if form in ("gradescope", "nbgrader") else "out.file")
    assert main(["export", str(reports), "--format", form, "--to", str(target)]) == 0
    for written in [target] if target.is_file() else target.rglob("*.json"):
        assert "ropout" not in written.read_text(encoding="utf-8")
    if form == "junit":
        cases = ElementTree.parse(target).findall(".//testcase")
        assert {case.attrib["name"].split()[0] for case in cases} == {*rms.EXERCISE.rules, "verdict"}


def test_the_command_line_has_its_options(tmp_path: Path) -> None:
    submitted(tmp_path / "in")
    path = tmp_path / "in" / "cy"
    options = ["--exercise", NAME, "--slack", "1000", "--execute", "none", "--no-figures", "--quiet"]
    assert main(["grade", str(path), "--out", str(tmp_path / "out"), "--check", *options]) == 0
    (grading,) = load(tmp_path / "out").gradings
    assert grading.settings["slack"] == 1000


def test_its_task_is_handed_out_as_files(tmp_path: Path) -> None:
    names = [path.name for path in setup_task_files(tmp_path, exercise=NAME)]
    assert names == ["rms.py", "test_rms.py"]
    (tmp_path / "rms.py").write_text(f"import numpy as np\n\n\n{rms.REFERENCE}", encoding="utf-8")
    with Grader(Settings(exercise=NAME)) as grader:
        assert grader.grade(tmp_path).passed


def test_its_script_is_found_in_a_class(tmp_path: Path) -> None:
    for student, source in list(ANSWERS.items())[:3]:
        path = tmp_path / "in" / student / "rms.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"import numpy as np\n\n\n{source}", encoding="utf-8")
    (tmp_path / "in" / "zoe").mkdir()
    report = grade_class(tmp_path / "in", tmp_path / "out", Settings(exercise=NAME), figures=False)
    found = {grading.student: grading.grade.diagnosis for grading in report.counted}
    assert found == {**{name: DIAGNOSES[name] for name in list(ANSWERS)[:3]}, "zoe": "bad notebook"}
    assert "no rms.py" in next(each.grade.feedback for each in report.counted if each.student == "zoe")


def test_it_is_loaded_by_name() -> None:
    assert load_exercise(NAME) is rms.EXERCISE
