"""Other graders of notebooks, each in a throwaway environment of its own, over the same submissions as ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.bench.lesson import HANDOUT
from grader.errors import UsageError
from grader.submissions.task import Task

LESSON_NEEDS = ("ipykernel>=7.0,<8", "numpy>=2.0,<3", "matplotlib>=3.9,<4")
ASSIGNMENT = "dropout"
OTTER_TEST = '''OK_FORMAT = True
code = """
>>> x = np.random.default_rng(0).normal(size=100_000)
>>> bool(abs(np.var(VarianceStabilizedDropout(0.3)(x)) / np.var(x) - 1) < 0.1)
True
"""
case = {"code": code, "hidden": False, "locked": False}
suite = {"type": "doctest", "scored": True, "setup": "", "teardown": "", "cases": [case]}
test = {"name": "dropout", "points": 1, "suites": [suite]}
'''


@dataclass(frozen=True)
class Peer:
    """``seconds``: for each notebook, without what is done once."""

    name: str
    seconds: float


def nbgrader(submissions: Path, work: Path) -> Peer:
    """``nbgrader autograde`` of an assignment that is the lesson itself, which has nbgrader's metadata."""
    bin_ = _environment(work, "nbgrader>=0.9.5,<0.10")
    course = work / "course"
    (course / "source" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(Task.load(HANDOUT).path, course / "source" / ASSIGNMENT)
    _run(bin_, course, "nbgrader", "generate_assignment", ASSIGNMENT)
    for path in submissions.glob("*.ipynb"):
        target = course / "submitted" / path.stem / ASSIGNMENT
        target.mkdir(parents=True)
        shutil.copy(path, target / HANDOUT.notebook.name)
    seconds = _run(bin_, course, "nbgrader", "autograde", ASSIGNMENT)
    return Peer(f"nbgrader {_version(bin_, 'nbgrader')}", seconds / len(list(submissions.glob("*.ipynb"))))


def otter(submissions: Path, work: Path) -> Peer:
    """``otter run``, one submission a command, as its containers do it; the test is a single variance."""
    bin_ = _environment(work, "otter-grader>=6,<8")
    for name in ("tests", "out"):
        (work / name).mkdir()
    (work / "tests" / "dropout.py").write_text(OTTER_TEST, encoding="utf-8")
    _run(bin_, work, "otter", "generate", "-t", "tests", "-o", "autograder.zip")
    paths = sorted(submissions.glob("*.ipynb"))
    seconds = sum(_run(bin_, work, "otter", "run", str(path), "-a", "autograder.zip", "-o", "out") for path in paths)
    return Peer(f"otter-grader {_version(bin_, 'otter-grader')}", seconds / len(paths))


PEERS: dict[str, Callable[[Path, Path], Peer]] = {"nbgrader": nbgrader, "otter": otter}


def _environment(work: Path, requirement: str) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True)
    bin_ = work / "venv" / "bin"
    pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, requirement, *LESSON_NEEDS], capture_output=True, text=True)
    if done.returncode:
        raise UsageError(f"{requirement} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return bin_


def _run(bin_: Path, folder: Path, program: str, *arguments: str) -> float:
    """Seconds of one of the environment's programs, which finds its own siblings first."""
    own = {"PATH": os.pathsep.join([str(bin_), os.environ.get("PATH", "")]), "HOME": str(folder)}
    started = time.perf_counter()
    done = subprocess.run(
        [str(bin_ / program), *arguments], cwd=folder, env={**os.environ, **own}, capture_output=True, text=True
    )
    if done.returncode:
        raise UsageError(f"{program} {arguments[0]} failed: {done.stderr.strip()[-1000:]}")
    return time.perf_counter() - started


def _version(bin_: Path, package: str) -> str:
    asked = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run(
        [str(bin_ / "python"), "-c", asked], capture_output=True, text=True, check=True
    ).stdout.strip()
