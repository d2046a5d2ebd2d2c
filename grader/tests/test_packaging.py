"""The wheel holds what an installed package needs, and nothing of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.report.markup import TEMPLATES
from grader.tests.refresh import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if "Could not find a version" in done.stderr:
        pytest.skip("no package registry to take the build backend from")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_lesson_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "grader/data/variance_dropout_task.ipynb" in names
    assert "grader/data/task_prompt.md" in names
    templates = {f"grader/report/templates/{path.name}" for path in TEMPLATES.iterdir() if path.is_file()}
    assert templates <= set(names)
    assert not [name for name in names if name.startswith("grader/tests")]


@pytest.mark.sandbox
def test_the_briefs_snippet_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    script = (
        "import grader\n"
        "from grader import TASK_PROMPT, grade_solution, setup_task_files\n"
        "setup_task_files('w')\n"
        "assert 'R8 Variance' in TASK_PROMPT\n"
        "print(grader.__file__)\n"
        "print(grade_solution('w')['status'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, status = done.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert status == "not_attempted"
