"""Many submissions → their Grades as they get ready, over a ``concurrent.futures`` executor; into the gradebook."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import count, islice

from grader import processes
from grader.course.gradebook import Gradebook
from grader.errors import DISK_ERRORS, GraderError, OutputError
from grader.files import write
from grader.judging.grading import Judge, Judged, failed
from grader.result import Grade, Grading
from grader.settings import Settings
from grader.submissions.collect import Item
from grader.submissions.upload import Upload


@dataclass(frozen=True)
class Work:
    """One submission to be graded, as a value: no file is looked at any more. ``name``: the Grade's submission."""

    name: str
    upload: Upload
    curve: bool = True
    keep_executed: bool = False


def grade_many(paths: Sequence[str | os.PathLike[str]], judge: Judge) -> Iterator[Grade]:
    """Grades in the order of the paths; nothing that is wrong with one of them stops the rest."""
    waiting: dict[int, Grade] = {}
    due = 0
    for number, judged in as_completed((Work(str(path), judge.upload(path)) for path in paths), judge):
        waiting[number] = judged.grade
        while due in waiting:
            yield waiting.pop(due)
            due += 1


def into_gradebook(
    items: Iterable[Item], judge: Judge, book: Gradebook, *, anew: bool = False, curve: bool = True
) -> Iterator[tuple[Item, Grading | None]]:
    """Grade what the gradebook does not hold yet, or all ``anew``; each is in it before it comes out here.

    Those who handed in together get one verdict. It is what was made just now, also where a verdict of before still
    counts. None instead of it: another grader has done this one meanwhile. Raises ``OutputError`` when results cannot
    be written any more.
    """
    numbers = count()
    handed_out: dict[int, tuple[Item, str]] = {}
    done_elsewhere: list[Item] = []
    together: list[tuple[Item, Item]] = []

    def todo() -> Iterator[Work]:
        for item in items:
            if item.same_as is not None:
                together.append((item, item.same_as))
                continue
            upload = read_item(item, judge)  # now and not earlier: a batch takes its time, and files change
            if not anew and book.graded(item, upload.digest):
                done_elsewhere.append(item)
            else:
                handed_out[next(numbers)] = item, upload.digest
                yield Work(item.name, upload, curve, keep_executed=item.executed is not None)
            del upload  # before the next one is read: two large ones at a time are not paid for

    for number, judged in as_completed(todo(), judge):
        item, content = handed_out.pop(number)
        yield item, book.keep(item, content, _written(item, judged), anew=anew)
        while done_elsewhere:
            yield done_elsewhere.pop(), None
    yield from ((item, None) for item in done_elsewhere)
    for item, first in together:
        if graded := book.last(first):
            grade = replace(graded.grade, submission=item.name)
            yield item, book.keep(item, graded.content, grade, anew=anew)


def read_item(item: Item, judge: Judge) -> Upload:
    return Upload(item.path, problem=item.problem) if item.problem else judge.upload(item.path)


def _written(item: Item, judged: Judged) -> Grade:
    """The Grade, once the executed notebook is where it belongs."""
    feedback = " ".join(filter(None, (judged.grade.feedback, item.note)))
    judged = replace(judged, grade=replace(judged.grade, feedback=feedback))
    if judged.executed is None or item.executed is None:
        return judged.grade
    try:
        item.executed.parent.mkdir(parents=True, exist_ok=True)
        write(item.executed, judged.executed)
        return judged.grade
    except OSError as error:
        if error.errno in DISK_ERRORS:
            raise OutputError.of(error) from error
        return failed(item.name, error)


def as_completed(work: Iterable[Work], judge: Judge) -> Iterator[tuple[int, Judged]]:
    """(number, Judged) as they get ready, ``settings.jobs`` at a time; few are handed out ahead, so that memory does
    not grow with the batch."""
    if judge.settings.jobs == 1:
        return _one_by_one(work, judge)
    return _over_processes(work, judge.settings)


def _one_by_one(work: Iterable[Work], judge: Judge) -> Iterator[tuple[int, Judged]]:
    numbers = count()
    for each in work:  # without enumerate, which holds what it gave last
        judged = _grade(judge, each)
        del each  # its bytes, before the next one's are read
        yield next(numbers), judged


def _over_processes(work: Iterable[Work], settings: Settings) -> Iterator[tuple[int, Judged]]:
    """When a process of the pool dies, those under way are graded once more, each in a process of its own; only one
    that dies there too is the grader's failure."""
    todo = iter(enumerate(work))
    pool = _start(settings, settings.jobs)
    running: dict[Future[Judged], tuple[int, Work]] = {}
    try:
        while True:
            for number, each in islice(todo, 2 * settings.jobs - len(running)):
                running[processes.submit(pool, _grade_here, each)] = number, each
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                processes.stop(pool)
                pool = _start(settings, settings.jobs)
                done = set(running)
            for future in done:
                number, each = running.pop(future)
                yield number, _result(future, each) or _alone(each, settings)
    finally:
        processes.stop(pool)


def _start(settings: Settings, jobs: int) -> ProcessPoolExecutor:
    return processes.start(jobs, _open_judge, settings)


def _result(future: Future[Judged], work: Work) -> Judged | None:
    """None if the process died under it, or under another."""
    if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
        return None
    error = future.exception()
    return future.result() if error is None else Judged(failed(work.name, error))


def _alone(work: Work, settings: Settings) -> Judged:
    pool = _start(settings, 1)
    try:
        return processes.submit(pool, _grade_here, work).result()
    except BrokenProcessPool as error:
        return Judged(failed(work.name, error))
    finally:
        processes.stop(pool)


def _grade(judge: Judge, work: Work) -> Judged:
    """One of a batch: whatever goes wrong becomes its Grade."""
    try:
        judged = judge.judge(work.upload, curve=work.curve, keep_executed=work.keep_executed)
        return replace(judged, grade=replace(judged.grade, submission=work.name))
    except Exception as error:  # a defect of ours costs nobody else their verdict
        return Judged(failed(work.name, error))


_here: Judge | None = None  # each process of the pool keeps one


def _open_judge(settings: Settings) -> None:
    global _here
    processes.follow_parent(_close_judge)
    _here = Judge(settings)
    atexit.register(_close_judge)


def _close_judge() -> None:
    if _here is not None:
        _here.close()


def _grade_here(work: Work) -> Judged:
    if _here is None:
        raise GraderError("a process of the pool was not initialised")
    return _grade(_here, work)
