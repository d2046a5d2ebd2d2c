"""Many submissions → an iterator of Grades, over a ``concurrent.futures`` executor of processes."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from pathlib import Path

from grader.errors import GraderError, UsageError
from grader.grading import Grader
from grader.intake import Item
from grader.result import Grade, Status
from grader.settings import Settings


def grade_many(paths: Sequence[str | os.PathLike[str]], grader: Grader) -> Iterator[Grade]:
    """Grades in the order of the paths; nothing that is wrong with one of them stops the rest."""
    items = [Item(Path(path), str(path)) for path in paths]
    if grader.settings.jobs == 1:
        yield from (grade_item(grader, item) for item in items)
        return
    waiting: dict[int, Grade] = {}
    due = 0
    for number, grade in as_completed(items, grader.settings):
        waiting[number] = grade
        while due in waiting:
            yield waiting.pop(due)
            due += 1


def as_completed(items: Iterable[Item], settings: Settings) -> Iterator[tuple[int, Grade]]:
    """(number, Grade) as they get ready, ``settings.jobs`` at a time.

    Few are handed out ahead, so that memory does not grow with the batch. When a process of the pool dies, those under
    way are graded once more, each in a process of its own; only one that dies there too is the grader's failure.
    """
    todo = iter(enumerate(items))
    pool = _start(settings, settings.jobs)
    running: dict[Future[Grade], tuple[int, Item]] = {}
    try:
        while True:
            for number, item in islice(todo, 2 * settings.jobs - len(running)):
                running[pool.submit(_grade_here, item)] = number, item
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                pool.shutdown(wait=True, cancel_futures=True)
                pool = _start(settings, settings.jobs)
                done = set(running)
            for future in done:
                number, item = running.pop(future)
                broken = future.cancelled() or future.exception() is not None
                yield number, _alone(item, settings) if broken else future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(settings: Settings, jobs: int) -> ProcessPoolExecutor:
    # spawned, not forked: a forked process would share the parent's threads' locks
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _open_grader, (settings,))


def _alone(item: Item, settings: Settings) -> Grade:
    with _start(settings, 1) as pool:
        try:
            return pool.submit(_grade_here, item).result()
        except BrokenProcessPool as error:
            return failed(item, error)


def grade_item(grader: Grader, item: Item) -> Grade:
    """One of a batch: whatever goes wrong becomes its Grade."""
    try:
        return replace(grader.grade(item.path, executed=item.executed), submission=item.name)
    except UsageError as error:
        blank = Grade(item.name, Status.BAD_NOTEBOOK, "bad notebook", f"Nothing was graded: {error}.")
        return replace(blank, isolation=grader.box.isolation)
    except Exception as error:  # a defect of ours costs nobody else their verdict
        return failed(item, error)


def failed(item: Item, error: BaseException) -> Grade:
    says = f"The grader itself failed; this says nothing about the submission. {error!r}"
    return Grade(item.name, Status.GRADER_ERROR, "grader error", says)


_here: Grader | None = None  # each process of the pool keeps one


def _open_grader(settings: Settings) -> None:
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _here = Grader(settings)
    atexit.register(_here.close)


def _grade_here(item: Item) -> Grade:
    if _here is None:
        raise GraderError("a process of the pool was not initialised")
    return grade_item(_here, item)
