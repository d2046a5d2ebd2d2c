from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import Grader, Settings
from grader.task import Task
from grader.tests.machine import NO_WALLS, do_without_walls, missing_walls
from grader.tests.refresh import TASK


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
