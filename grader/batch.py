"""Many submissions → their Grades as they get ready, over a ``concurrent.futures`` executor; into the gradebook."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

from grader import processes
from grader.content import fingerprint
from grader.errors import DISK_ERRORS, GraderError, OutputError
from grader.gradebook import Gradebook
from grader.grading import Grader
from grader.intake import Item
from grader.result import Grade, Grading, Status
from grader.settings import Settings


def grade_many(paths: Sequence[str | os.PathLike[str]], grader: Grader) -> Iterator[Grade]:
    """Grades in the order of the paths; nothing that is wrong with one of them stops the rest."""
    waiting: dict[int, Grade] = {}
    due = 0
    for number, grade in as_completed((Item(Path(path), str(path)) for path in paths), grader):
        waiting[number] = grade
        while due in waiting:
            yield waiting.pop(due)
            due += 1


def into_gradebook(
    items: Iterable[Item], grader: Grader, book: Gradebook, *, anew: bool = False, curve: bool = True
) -> Iterator[tuple[Item, Grading | None]]:
    """Grade what the gradebook does not hold yet, or all ``anew``; each is in it before it comes out here.

    It is what was made just now, also where a verdict of before still counts. None instead of it: another grader has
    done this one meanwhile. Raises ``OutputError`` when results cannot
    be written any more.
    """
    numbers = count()
    handed_out: dict[int, tuple[Item, str]] = {}
    done_elsewhere: list[Item] = []

    def todo() -> Iterator[Item]:
        for item in items:
            content = fingerprint(item)  # now and not earlier: a batch takes its time, and files change
            if not anew and book.graded(item, content):
                done_elsewhere.append(item)
            else:
                handed_out[next(numbers)] = item, content
                yield item

    for number, grade in as_completed(todo(), grader, curve):
        item, content = handed_out.pop(number)
        yield item, book.keep(item, content, grade, anew=anew)
        while done_elsewhere:
            yield done_elsewhere.pop(), None
    yield from ((item, None) for item in done_elsewhere)


def as_completed(items: Iterable[Item], grader: Grader, curve: bool = True) -> Iterator[tuple[int, Grade]]:
    """(number, Grade) as they get ready, ``settings.jobs`` at a time; few are handed out ahead, so that memory does
    not grow with the batch."""
    if grader.settings.jobs == 1:
        return ((number, grade_item(grader, item, curve)) for number, item in enumerate(items))
    return _over_processes(items, grader.settings, curve)


def _over_processes(items: Iterable[Item], settings: Settings, curve: bool) -> Iterator[tuple[int, Grade]]:
    """When a process of the pool dies, those under way are graded once more, each in a process of its own; only one
    that dies there too is the grader's failure."""
    todo = iter(enumerate(items))
    pool = _start(settings, settings.jobs)
    running: dict[Future[Grade], tuple[int, Item]] = {}
    try:
        while True:
            for number, item in islice(todo, 2 * settings.jobs - len(running)):
                running[processes.submit(pool, _grade_here, item, curve)] = number, item
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                processes.stop(pool)
                pool = _start(settings, settings.jobs)
                done = set(running)
            for future in done:
                number, item = running.pop(future)
                yield number, _result(future, item) or _alone(item, settings, curve)
    finally:
        processes.stop(pool)


def _start(settings: Settings, jobs: int) -> ProcessPoolExecutor:
    return processes.start(jobs, _open_grader, settings)


def _result(future: Future[Grade], item: Item) -> Grade | None:
    """None if the process died under it, or under another."""
    if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
        return None
    error = future.exception()
    return future.result() if error is None or isinstance(error, OutputError) else failed(item, error)


def _alone(item: Item, settings: Settings, curve: bool) -> Grade:
    pool = _start(settings, 1)
    try:
        return processes.submit(pool, _grade_here, item, curve).result()
    except BrokenProcessPool as error:
        return failed(item, error)
    finally:
        processes.stop(pool)


def grade_item(grader: Grader, item: Item, curve: bool = True) -> Grade:
    """One of a batch: whatever goes wrong becomes its Grade, but for a full disk, which is everybody's."""
    if item.problem:
        blank = Grade(item.name, Status.BAD_NOTEBOOK, "bad notebook", f"Nothing was graded: {item.problem}.")
        return replace(blank, isolation=grader.box.isolation)
    try:
        grade = grader.grade(item.path, curve=curve, executed=item.executed)
        return replace(grade, submission=item.name)
    except OSError as error:
        if error.errno in DISK_ERRORS:
            raise OutputError.of(error) from error
        return failed(item, error)
    except Exception as error:  # a defect of ours costs nobody else their verdict
        return failed(item, error)


def failed(item: Item, error: BaseException) -> Grade:
    says = f"The grader itself failed; this says nothing about the submission. {error!r}"
    return Grade(item.name, Status.GRADER_ERROR, "grader error", says)


_here: Grader | None = None  # each process of the pool keeps one


def _open_grader(settings: Settings) -> None:
    global _here
    processes.follow_parent(_close_grader)
    _here = Grader(settings)
    atexit.register(_close_grader)


def _close_grader() -> None:
    if _here is not None:
        _here.close()


def _grade_here(item: Item, curve: bool) -> Grade:
    if _here is None:
        raise GraderError("a process of the pool was not initialised")
    return grade_item(_here, item, curve)
