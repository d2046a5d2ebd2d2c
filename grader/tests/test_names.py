"""The brief's names, and the two ways to use them that the README prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import (
    BUGGY_IMPLEMENTATION,
    CORRECT_SOLUTION,
    TEST_SCRIPT,
    Grader,
    GraderError,
    Settings,
    grade_files,
    setup_task_files,
)
from grader.tests.refresh import ROOT
from grader.tests.support.spellings import spellings

SECTION = "## For engineers of training environments"


def snippets() -> list[str]:
    """The section's blocks of Python, as printed."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition(SECTION)[2].partition("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.S | re.M)


def run(snippet: str, folder: Path) -> str:
    path = folder / "snippet.py"
    path.write_text(snippet, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readmes_snippets_run_as_printed(tmp_path: Path) -> None:
    (first,) = [snippet for snippet in snippets() if "grade_solution(" in snippet]
    (second,) = [snippet for snippet in snippets() if "grade_files(" in snippet]
    names = ("TASK_PROMPT", "BUGGY_IMPLEMENTATION", "TEST_SCRIPT", "CORRECT_SOLUTION", "setup_task_files")
    assert all(name in first + second for name in names)
    said = run(first, tmp_path)
    assert said.startswith("# Variance-stabilized dropout")
    assert "1.0 Every rule of the contract holds." in said
    assert run(second, tmp_path) == "[0.0, 1.0]\n"


def test_the_names_are_the_files_that_go_out(tmp_path: Path) -> None:
    script, check = setup_task_files(tmp_path)
    assert script.read_text(encoding="utf-8") == BUGGY_IMPLEMENTATION
    assert check.read_text(encoding="utf-8") == TEST_SCRIPT
    assert not [*spellings(BUGGY_IMPLEMENTATION), *spellings(TEST_SCRIPT)]
    assert list(spellings(CORRECT_SOLUTION))
    run(CORRECT_SOLUTION, tmp_path)


def test_the_visible_test_passes_the_right_solution_alone(tmp_path: Path) -> None:
    script, check = setup_task_files(tmp_path)
    codes = []
    for source in (CORRECT_SOLUTION, BUGGY_IMPLEMENTATION):
        script.write_text(source, encoding="utf-8")
        done = subprocess.run([sys.executable, check.name], cwd=tmp_path, capture_output=True, check=False)
        codes.append(done.returncode)
    assert codes == [0, 1]


def test_a_workspace_may_be_texts(grader: Grader) -> None:
    right, check = {"dropout.py": CORRECT_SOLUTION}, {"test_dropout.py": TEST_SCRIPT}
    changed = {"test_dropout.py": TEST_SCRIPT.replace("score == 10", "True")}
    for files, reward, diagnosis in (
        (right, 1.0, "correct"),
        (right | check, 1.0, "correct"),
        (right | check | {"notes/x.ipynb": "{}", "other.py": "1/0"}, 1.0, "correct"),
        (right | changed, 0.0, "check cell changed"),
        ({"dropout.py": BUGGY_IMPLEMENTATION} | check, 0.0, "not attempted"),
        (check, 0.0, "bad notebook"),
        ({}, 0.0, "bad notebook"),
        ({"dropout.py": "x = '\ud800'"}, 0.0, None),
        ({"dropout.py": "#" * (65 << 20)}, 0.0, "bad notebook"),
    ):
        result = grader.grade_files(files)
        assert (result["reward"], result["passed"]) == (reward, reward == 1.0), result["feedback"]
        assert diagnosis in (None, result["diagnosis"]), result["feedback"]


def test_what_is_no_text_is_no_zero() -> None:
    with pytest.raises(GraderError):
        grade_files({"dropout.py": 7}, Settings(isolation="none"))  # type: ignore[dict-item]


def test_a_folder_that_is_not_there_is_no_zero(grader: Grader, tmp_path: Path) -> None:
    with pytest.raises(GraderError):
        grader.grade_solution(tmp_path / "nowhere")
