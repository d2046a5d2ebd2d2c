from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import Grader, Settings
from grader.submissions import read as reading
from grader.submissions.task import Task
from grader.submissions.upload import Upload
from grader.tests.refresh import HANDOUT, TASK
from grader.tests.support.machine import MISSING, do_without_walls

HERE = Path(__file__).parent
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # of the hundreds of processes that start here, one compiles
TABLE = "table"  # a test's property that is shown at the end of the run
QUICK = (  # what runs in less than a minute in all, for while one writes
    *("test_settings", "test_architecture", "submissions/", "report/test_figures"),
    *("exercises/test_theory", "exercises/test_flow", "exercises/test_second_exercise"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a test that is skipped is a failure of the run")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What this machine cannot test says why, and what would change that; without any walls, the rest does without.
    Files with slow tests come first, and the slowest of all before them: whoever begins last is waited for."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.get_closest_marker("costs") is None, item.path not in slow))
    for item in items:
        where = item.path.relative_to(HERE).as_posix() if item.path.is_relative_to(HERE) else ""
        if where.startswith(QUICK) and not item.get_closest_marker("slow"):
            item.add_marker("quick")
        for mark, why in MISSING.items():
            if item.get_closest_marker(mark) and (reason := why()):
                item.add_marker(pytest.mark.skip(reason=reason))
    if items and MISSING["sandbox"]() and MISSING["process"]():
        do_without_walls()


def skips(config: pytest.Config) -> Counter[str]:
    """How many tests were skipped, by reason; nothing in a worker, which has no terminal."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("no_skips") and skips(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, told in report.user_properties:
            if name == TABLE and report.when == "call":
                terminalreporter.write_line(f"\n{told}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last thing on the screen: what was not tested here, and the line that would change it."""
    for reason, count in skips(config).most_common():
        print(f"{count} skipped: {reason}")


@pytest.fixture(scope="session")
def task() -> Task:
    return Task.load(HANDOUT)


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


def read(path: Path, task: Task) -> reading.Submission:
    return reading.read(Upload.read(path, task.handout), task)
