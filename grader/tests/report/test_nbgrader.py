"""The lesson in a course that runs nbgrader, installed in an environment of its own."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader import load
from grader.cli import main
from grader.exercises.dropout import known
from grader.tests.conftest import write
from grader.tests.refresh import SUBMISSIONS, TASK, sample, tagged

pytestmark = pytest.mark.slow

# ipykernel, numpy and matplotlib are what the lesson runs on; nbgrader itself would not bring the last two
NBGRADER = ("nbgrader>=0.9.5,<0.10", "ipykernel>=7.0,<8", "numpy>=2.0,<3", "matplotlib>=3.9,<4")
UNREACHABLE = ("(from versions: none)", "Connection", "Temporary failure", "timed out")
# What a dozen processes need not do again: build a grammar of addresses for jsonschema.
NO_GRAMMAR = "import sys; sys.modules['rfc3987_syntax'] = None"
ASSIGNMENT = "dropout"
HANDED_IN = {
    "untouched": known.START,
    "repaired": known.REFERENCE,
    "unreadable": known.START.replace("class VarianceStabilizedDropout:", "class VarianceStabilizedDropout(:"),
}
SCORES = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as gradebook:
    graded = gradebook.assignment_submissions(sys.argv[1])
    print(json.dumps({one.student.id: [one.score, one.max_score] for one in graded}))
"""


@dataclass(frozen=True)
class Course:
    """A course's folder, and the environment of its nbgrader."""

    folder: Path
    programs: Path

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the environment prints; its messages become part of the failure, if there is one."""
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def _environment(self) -> dict[str, str]:
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
        own = {name: str(self.folder / "settings" / name.lower()) for name in names}
        for folder in own.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
        # nbgrader starts alembic by its name, so the programs of its environment have to come first
        return os.environ | own | {"PATH": os.pathsep.join([str(self.programs), os.environ.get("PATH", "")])}


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programs of an environment that has nbgrader, from the registry, and beneath it what is installed here."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    where = [str(programs / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "beneath.pth").write_text(f"{sysconfig.get_path('purelib')}\n{NO_GRAMMAR}\n", encoding="utf-8")
    install = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--no-compile", "--retries=1", *NBGRADER]
    pip = subprocess.run(install, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if pip.returncode and any(sign in pip.stderr for sign in UNREACHABLE):
        pytest.skip(f"pip cannot reach a registry ({pip.stderr.strip().splitlines()[-1]}) -> a network")
    assert pip.returncode == 0, pip.stderr[-4000:]
    yield programs
    shutil.rmtree(home)  # which pytest would keep


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, nbgrader: Path) -> Course:
    """A course with the task notebook as its only assignment, generated."""
    course = Course(tmp_path_factory.mktemp("nbgrader") / "course", nbgrader)
    source = course.folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    shutil.copy(TASK, source)
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    return course


def test_what_is_released_is_the_source_and_a_checksum_of_the_check_cell(course: Course) -> None:
    lines = (course.folder / "release" / ASSIGNMENT / TASK.name).read_text(encoding="utf-8").splitlines(keepends=True)
    added = [line for line in lines if '"checksum": ' in line]
    assert len(added) == 1
    assert "".join(line for line in lines if line not in added) == TASK.read_text(encoding="utf-8")
    check = tagged(json.loads("".join(lines)), "check")
    assert check["metadata"]["nbgrader"]["checksum"] in added[0]


def test_the_planted_bug_gets_nothing_and_the_repair_gets_everything(course: Course, notebook: dict[str, Any]) -> None:
    for student, source in HANDED_IN.items():
        write(course.folder / "submitted" / student / ASSIGNMENT / TASK.name, sample(notebook, source))
    course.run("nbgrader", "autograde", ASSIGNMENT)
    scores = json.loads(course.run("python", "-c", SCORES, ASSIGNMENT))
    assert scores == {"untouched": [0, 10], "repaired": [10, 10], "unreadable": [0, 10]}


def test_its_own_gradebook_takes_the_marks(nbgrader: Path, tmp_path: Path) -> None:
    """nbgrader itself exports what was brought in."""
    folder, grades = tmp_path / "class", tmp_path / "grades.csv"
    assert main(["grade", str(SUBMISSIONS), "--out", str(folder), "--execute", "none", "--no-figures", "--quiet"]) == 0
    assert main(["export", str(folder), "--format", "nbgrader", "--points", "4"]) == 0
    book = tmp_path / "gradebook.db"
    for _ in range(2):  # to bring them in again changes nothing
        subprocess.run([nbgrader / "python", folder / "nbgrader/import_marks.py", book], check=True)
    export = ["export", f"--db=sqlite:///{book}", "--to", str(grades)]
    subprocess.run([str(nbgrader / "nbgrader"), *export], check=True, cwd=tmp_path)
    with grades.open(encoding="utf-8") as stream:
        found = {row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(stream)}
    assert found == {g.student: (str(4.0 * g.grade.passed), "4.0") for g in load(folder).counted}
