"""A class over any executor: the grades of this machine, and how far it is, told rightly with batches in flight."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader import Settings, grade_class
from grader.course import spread
from grader.course.executors import crew_of
from grader.course.run import Order, run_class
from grader.course.worker import Done
from grader.errors import GraderError, UsageError
from grader.judging.grading import Judged
from grader.report import terminal
from grader.report.terminal import Terminal
from grader.result import Grade, Grading, Status
from grader.tests.support.batch import class_of

SETTINGS = Settings(execute="none", seed=4)
STUDENTS, WORK_S = 400, 0.25
LINE = re.compile(r"^(\d+) of (\d+) graded: (.+) · \S+/(?:s|min) · ([\d:]+) left$", re.M)


def grades(folder: Path, executor: Executor | None = None) -> dict[str, Any]:
    out = folder.with_name(type(executor).__name__)
    counted = grade_class(folder, out, SETTINGS, figures=False, executor=executor).counted
    found = {one.student: (one.grade.verdict, one.grade.findings, repr(one.grade.points)) for one in counted}
    assert len(found) == 4
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("executors") / "in"
    class_of(folder, 4)
    return folder, grades(folder)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("kind", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_any_executor_grades(
    kind: type[ProcessPoolExecutor | ThreadPoolExecutor], here: tuple[Path, dict[str, Any]]
) -> None:
    folder, wanted = here
    with kind(2) as executor:
        assert grades(folder, executor) == wanted


class Wrapped(RuntimeError):
    """What Ray makes of a worker's exception: its text is a traceback of many lines."""

    def __str__(self) -> str:
        return "\n".join(["Traceback of a worker"] * 9)


class WrappedUsage(Wrapped, UsageError):
    """And it is of the kind of what it wraps."""


class Named(ThreadPoolExecutor):
    died = (ConnectionError,)


def test_an_executor_says_by_which_exceptions_a_worker_dies_and_may_wrap_those_of_its_workers() -> None:
    with Named(1) as executor, ThreadPoolExecutor(1) as plain:
        crew = crew_of(executor)
        assert set(crew.died) == {*crew_of(plain).died, ConnectionError}
        fatal = crew.fatal(WrappedUsage(UsageError("worker 7 has grader 0.1")))
    assert isinstance(fatal, GraderError)
    assert type(fatal) is UsageError
    assert str(fatal).startswith("worker 7 has grader 0.1 (")


# --- how far it is ------------------------------------------------------------------------------------------------


class Workers(Executor):
    """Two that take ``WORK_S`` for each work of a batch, by a clock of their own, which stands while nobody waits."""

    _max_workers = 2

    def __init__(self, begins: Callable[[], object] = lambda: None) -> None:
        self.now, self.most = 0.0, 0
        self.names: dict[Future[Any], list[str]] = {}
        self._begins = begins

    def submit(self, call: Callable[..., Any], /, *given: Any, **more: Any) -> Future[Any]:
        if not self.names:
            self._begins()
        future: Future[Any] = Future()
        self.names[future] = [pickle.loads(work).name for work in pickle.loads(given[2])]
        self.most = max(self.most, len(self.names[future]))
        return future

    def monotonic(self) -> float:
        return self.now

    def wait(self, running: Iterable[Future[Any]], *_: object) -> tuple[list[Future[Any]], list[Future[Any]]]:
        """In the place of ``concurrent.futures.wait``: what was handed out first is not what comes back first."""
        futures = [*running]
        future = futures.pop(len(futures) // 2)
        results = [Judged(Grade(name, Status.GRADED, "", "Fine.")) for name in self.names[future]]
        self.now += len(results) * WORK_S / self._max_workers
        future.set_result(Done(results, len(results) * WORK_S))
        return [future], futures


class Watching(Terminal):
    """And at what times a Grade was told of."""

    def __init__(self, out: Path, workers: Workers) -> None:
        super().__init__(out)
        object.__setattr__(self, "times", [])
        object.__setattr__(self, "workers", workers)

    times: list[float]
    workers: Workers

    def graded(self, grading: Grading, *, before: bool = False) -> None:
        self.times.append(self.workers.now)


def shown(
    folder: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[tuple[int, int, float]], list[float]]:
    """After each submission: how many were done, of how many, and the seconds left; and when that was."""
    monkeypatch.setattr(spread, "wait", workers.wait)
    monkeypatch.setattr(terminal, "time", workers)
    monkeypatch.setattr(terminal, "PACE_EVERY_S", 0.0)
    capsys.readouterr()
    audience = Watching(folder / "out", workers)
    run_class(Order([folder / "in"], folder / "out", figures=False), SETTINGS, audience, crew=crew_of(workers))
    lines = LINE.findall(capsys.readouterr().err)
    for done, _, counts, _ in lines:
        assert sum(int(count.split()[0]) for count in counts.split(", ")) == int(done)
    return [(int(done), int(total), _seconds(left)) for done, total, _, left in lines], audience.times


def _seconds(left: str) -> float:
    return sum(int(part) * 60.0**place for place, part in enumerate(reversed(left.split(":"))))


def test_with_batches_in_flight_the_count_goes_up_to_the_total_and_the_time_left_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class_of(tmp_path / "in", STUDENTS)
    workers = Workers()
    lines, times = shown(tmp_path, workers, monkeypatch, capsys)
    assert workers.most >= 8, "there were batches"
    assert [line[:2] for line in lines] == [(number, STUDENTS) for number in range(1, STUDENTS + 1)]
    assert lines[-1][2] == 0
    assert times == sorted(times)
    moments = {now: line for line, now in zip(lines, times, strict=True)}  # with all that came in at that moment
    assert len(moments) > 10
    for now, (done, _, left_s) in moments.items():
        assert abs(left_s - (times[-1] - now)) <= 1.0 + 0.1 * times[-1], (done, left_s, times[-1] - now)
    for now, (done, _, left_s) in zip(times, lines, strict=True):
        assert left_s <= 1.0 + 2 * (times[-1] - now) or done < STUDENTS / 20, (done, left_s, times[-1] - now)


def test_what_another_grader_has_done_meanwhile_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class_of(tmp_path / "in", 40)
    other = Workers()

    def overtake() -> None:
        with pytest.MonkeyPatch.context() as meanwhile:
            shown(tmp_path, other, meanwhile, capsys)

    lines, _ = shown(tmp_path, Workers(overtake), monkeypatch, capsys)
    assert [line[:2] for line in lines] == [(number, 40) for number in range(1, 41)]
    assert lines[-1][2] == 0
