"""Rows of more than one machine: Dask's scheduler and workers, on this one; and workers that answer at once."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.bench import at_once, timing, training
from grader.bench.local_cluster import Cluster
from grader.bench.row import Row, Sizes, at_least, at_most
from grader.bench.timing import in_turns
from grader.course.executors import MOST, crew_of
from grader.course.pool import Processes
from grader.course.spread import spread
from grader.rl import dispatch
from grader.rl.dispatch import Asked, Rewarding
from grader.rl.instance import TIMEOUT_S

if TYPE_CHECKING:
    from distributed import Client

WORKERS = 2


@contextmanager
def _cluster() -> Iterator[Client]:
    from distributed import Client

    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Cluster(Path(folder), WORKERS) as cluster,
        Client(cluster.address, set_as_default=False) as client,
    ):
        client.wait_for_workers(WORKERS)
        yield client


def _streamed(asked: Iterable[Asked], job: Any, crew: Any) -> float:
    started = time.perf_counter()
    for _ in dispatch.stream(asked, job, crew):
        pass
    return time.perf_counter() - started


def a_cluster(sizes: Sizes) -> list[Row]:
    """The same answers by one worker, by two, and by two processes of the local pool, in turns and all of them warm."""
    asked = [(answer, "L1", 0, 0) for answer, _ in training.answers(sizes.answers, 0.0)]
    job = Rewarding(TIMEOUT_S, "required")
    with _cluster() as client, Processes(WORKERS) as processes:
        first = next(iter(client.scheduler_info()["workers"]))
        one_worker, two_workers = client.get_executor(workers=[first], pure=False), client.get_executor(pure=False)
        kinds: list[Callable[[], float]] = [
            lambda: _streamed(asked, job, crew_of(one_worker)),
            lambda: _streamed(asked, job, crew_of(two_workers)),
            lambda: _streamed(asked, job, processes),
        ]
        for warm in kinds:
            warm()
        one, two, local = in_turns((sizes.commands + 1) // 2, *kinds)
        ours_s, dasks_s = _batch_s(client, sizes)
    work = f"rewards of {len(asked)} answers, {WORKERS} Dask workers of one thread"
    limit = "Scheduler and coordinator take their share of the same two cores."
    return [
        at_least(work, two, f"one of them: {one}", one.median / two.median, 1.8, limit),
        at_most(work, two, f"local pool of {WORKERS} processes: {local}", two.median / local.median, 1.1, limit),
        Row(
            f"CPU time of a batch of {MOST} answers beside its workers",
            f"coordinator {1000 * ours_s:.1f} ms, scheduler {1000 * dasks_s:.1f} ms",
            f"{MOST} rewards of one process: {1000 * MOST * WORKERS * local.median / len(asked):.0f} ms by the clock",
            f"{1 / max(ours_s, dasks_s):.0f} batches a second at most",
            "–",
            True,
        ),
    ]


def _batch_s(client: Client, sizes: Sizes) -> tuple[float, float]:
    """CPU seconds of coordinator and scheduler for each further batch, where nobody looks at an answer."""
    crew = crew_of(client.get_executor(pure=False))
    few, many = MOST * 10, MOST * (10 + sizes.answers)

    def through(count: int) -> tuple[float, float]:
        before = time.process_time(), client.run_on_scheduler(time.process_time)
        work = repeat((training.RIGHT, "L1", 0, 0, False), count)
        for _ in spread(work, at_once.Looks(), crew, dispatch.VERDICTS):
            pass
        return time.process_time() - before[0], client.run_on_scheduler(time.process_time) - before[1]

    less, more = through(few), through(many)
    batches = (many - few) / MOST
    return (more[0] - less[0]) / batches, (more[1] - less[1]) / batches


def a_million(sizes: Sizes) -> list[Row]:
    """Answers streamed through workers that answer at once: the coordinator alone."""
    few, many = sizes.few_answers, sizes.many_answers
    less, more = (timing.command(timing.PYTHON, "-m", "grader.bench.at_once", str(count)) for count in (few, many))
    each_s = (more.cpu_s - less.cpu_s) / (many - few)
    memory = more.peak_mib / less.peak_mib
    return [
        Row(
            f"{many:,} answers through {at_once.WORKERS} workers that answer at once: the coordinator",
            f"{1e6 * each_s:.0f} µs an answer",
            f"{1 / each_s:,.0f} answers a second",
            f"{more.wall_s:.0f} s in all",
            "–",
            True,
        ),
        at_most(
            f"memory of the coordinator, {many:,} answers",
            f"{more.peak_mib:.0f} MiB",
            f"{few:,} answers: {less.peak_mib:.0f} MiB",
            memory,
            1.2,
        ),
    ]
