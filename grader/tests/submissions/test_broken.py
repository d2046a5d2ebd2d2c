"""Nothing that anybody hands in stops the batch: each gets a status, and a sentence that says which part is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader import Grader, Settings
from grader.cli import main
from grader.course.gradebook import load
from grader.result import Grade, Status
from grader.submissions.collect import collect
from grader.tests.support.broken import BROKEN, STRANGE, right

pytestmark = pytest.mark.slow

ODD_NAMES = ("a\nb", "😀", "$x^2$", "[red]", "-rf", "'; --", "ü" * 120, os.fsdecode(b"not \xff text"), "<b>")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    """All of them in one batch, with good ones before and after; by name."""
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    for name in ("0 first", *ODD_NAMES, "zz last"):
        (folder / f"{name}.ipynb").write_text(json.dumps(right()), encoding="utf-8")
    for kind, make in [(kind, make) for kind, (make, _, _) in BROKEN.items()] + list(STRANGE.items()):
        make(folder / f"{kind}.ipynb")
    assert main(["grade", str(folder), "--out", str(out), "--execute", "none", "--no-figures", "--quiet"]) == 0
    gradings = load(out).gradings
    assert len(gradings) == len(BROKEN) + len(STRANGE) + len(ODD_NAMES) + 2
    return {grading.grade.submission: grading.grade for grading in gradings}


def of(graded: dict[str, Grade], kind: str) -> Grade:
    (grade,) = (
        grade for name, grade in graded.items() if name == kind or name.startswith((f"{kind}__", f"{kind}.zip"))
    )
    return grade


def test_there_are_many_kinds() -> None:
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_input_is_told_which_part_is_wrong(graded: dict[str, Grade], kind: str) -> None:
    _, status, says = BROKEN[kind]
    grade = of(graded, kind)
    assert grade.status is status, grade.feedback
    assert not grade.passed
    assert says in grade.feedback
    assert "\n" not in grade.feedback
    assert len(grade.feedback) < 400


@pytest.mark.parametrize("kind", [*STRANGE, "0 first", "zz last"])
def test_what_is_odd_and_readable_gets_its_verdict(graded: dict[str, Grade], kind: str) -> None:
    grade = of(graded, kind)
    assert (grade.status, grade.diagnosis) == (Status.GRADED, "correct"), grade.feedback


def test_no_name_is_too_odd(graded: dict[str, Grade]) -> None:
    good = [grade for name, grade in graded.items() if name not in STRANGE and grade.source == graded["0 first"].source]
    wrong = [(grade.submission, grade.diagnosis, grade.feedback, grade.seed) for grade in good if not grade.passed]
    odd = [grade for name, grade in graded.items() if name not in STRANGE and grade.diagnosis == "correct"]
    assert len(odd) == len(ODD_NAMES) + 2, wrong


def test_what_changes_or_goes_between_finding_and_reading_is_one_line(tmp_path: Path) -> None:
    for name in ("gone", "folder", "fine"):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(right()))
    items = collect([tmp_path], tmp_path / "out")
    for name in ("gone", "folder"):
        (tmp_path / f"{name}.ipynb").unlink()
    (tmp_path / "folder.ipynb").mkdir()
    with Grader(Settings(execute="none")) as grader:
        found = {Path(grade.submission).stem: grade for grade in grader.grade_many([item.path for item in items])}
    assert found["fine"].passed
    assert "no such file" in found["gone"].feedback
    assert "no notebook" in found["folder"].feedback


@pytest.mark.parametrize(
    "kind", ["another kernel", "widgets", "the same id twice", "format 3", "an unknown kind of cell"]
)
def test_what_is_odd_and_readable_runs(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.ipynb"
    STRANGE[kind](path)
    _shorten(path)
    with Grader(Settings(execute="full")) as grader:
        grade = grader.grade(path, curve=False, executed=tmp_path / "executed.ipynb")
    assert (grade.execution, grade.diagnosis) in (("ran", "correct"), ("ran", "check cell changed"))
    executed: dict[str, Any] = json.loads((tmp_path / "executed.ipynb").read_text(encoding="utf-8"))
    assert executed["nbformat"] == 4


def _shorten(path: Path) -> None:
    """Without the figures, which take a second."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for sheet in notebook.get("worksheets", [notebook]):
        sheet["cells"] = [cell for cell in sheet["cells"] if "VarianceStabilizedDropout:" in "".join(_text(cell))]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _text(cell: dict[str, Any]) -> list[str] | str:
    text: list[str] | str = cell.get("source", cell.get("input", ""))
    return text
