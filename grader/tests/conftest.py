from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader import Grader, Settings
from grader.task import Task
from grader.tests.machine import NO_WALLS, do_without_walls, missing_walls
from grader.tests.refresh import TASK

# ipykernel, numpy and matplotlib are what the lesson runs on; nbgrader itself would not bring the last two
NBGRADER = ("nbgrader>=0.9.5,<0.10", "ipykernel>=7.0,<8", "numpy>=2.0,<3", "matplotlib>=3.9,<4")
UNREACHABLE = ("(from versions: none)", "Connection", "Temporary failure", "timed out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On a machine without walls, their tests say so, and all others do without."""
    if items and (reason := missing_walls()):
        do_without_walls()
        for item in items:
            if item.get_closest_marker("sandbox"):
                item.add_marker(pytest.mark.skip(reason=f"{NO_WALLS}: {reason}"))


@pytest.fixture(scope="session")
def task() -> Task:
    return Task.load()


@dataclass(frozen=True)
class Installation:
    """An environment that pip is filling, and where it complains."""

    programs: Path
    pip: subprocess.Popen[bytes]
    complaints: Path


@pytest.fixture(scope="session", autouse=True)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation | None]:
    """Of nbgrader, where a test will want it. It takes a minute, and goes on beside the first tests."""
    if not any("nbgrader" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    install = [
        str(programs / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--retries=1",
    ]
    complaints = home / "complaints"  # a file: a pipe that nobody reads would fill up, and pip would wait
    with complaints.open("wb") as errors, subprocess.Popen([*install, *NBGRADER], stderr=errors) as pip:
        yield Installation(programs, pip, complaints)
        pip.kill()
    shutil.rmtree(home)  # 600 MB that pytest would keep


@pytest.fixture(scope="session")
def nbgrader(installation: Installation) -> Path:
    """The programs of an environment that has nbgrader, from the registry."""
    failed = installation.pip.wait()
    error = installation.complaints.read_text(encoding="utf-8", errors="replace")
    if failed and any(sign in error for sign in UNREACHABLE):
        pytest.skip(f"pip cannot reach a registry: {error.strip().splitlines()[-1]}")
    assert not failed, error[-4000:]
    return installation.programs


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    """Verdicts only; tests that need the execution open their own."""
    with Grader(Settings(execute="none", timeout_s=20)) as opened:
        yield opened


@pytest.fixture
def notebook() -> dict[str, Any]:
    """The task notebook as JSON, to be changed and written by ``write``."""
    loaded: dict[str, Any] = json.loads(TASK.read_text(encoding="utf-8"))
    return loaded


def write(path: Path, notebook: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
