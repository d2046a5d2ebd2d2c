"""The lesson in a course that runs nbgrader, installed in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.exercises.dropout import known
from grader.tests.conftest import write
from grader.tests.refresh import TASK, sample, tagged

pytestmark = pytest.mark.slow

ASSIGNMENT = "dropout"
SUBMISSIONS = {
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
    for student, source in SUBMISSIONS.items():
        write(course.folder / "submitted" / student / ASSIGNMENT / TASK.name, sample(notebook, source))
    course.run("nbgrader", "autograde", ASSIGNMENT)
    scores = json.loads(course.run("python", "-c", SCORES, ASSIGNMENT))
    assert scores == {"untouched": [0, 10], "repaired": [10, 10], "unreadable": [0, 10]}
