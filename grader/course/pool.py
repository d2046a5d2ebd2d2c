"""Many submissions → their Grades as they get ready, one by one or over a crew; into the gradebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Self

from grader import processes
from grader.course.gradebook import Gradebook
from grader.course.spread import Crew, Verdicts, spread
from grader.course.versions import versions
from grader.course.worker import Done, close
from grader.errors import DISK_ERRORS, OutputError
from grader.files import write
from grader.judging.grading import Judge, Judged, failed
from grader.result import Grade, Grading, Status
from grader.settings import Settings
from grader.submissions.collect import Item
from grader.submissions.upload import File, Upload

Completed = Iterator[tuple[int, Judged]]


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
    items: Sequence[Item],
    judge: Judge,
    book: Gradebook,
    *,
    anew: bool = False,
    curve: bool = True,
    crew: Crew | None = None,
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

    for number, judged in as_completed(todo(), judge, crew, len(items)):
        item, content = handed_out.pop(number)
        yield item, book.keep(item, content, _written(item, judged), anew=anew, versions=judged.versions)
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


def as_completed(work: Iterable[Work], judge: Judge, crew: Crew | None = None, total: int = 0) -> Completed:
    """(number, Judged) as they get ready, ``settings.jobs`` at a time, or over a crew; few are handed out ahead, so
    that memory does not grow with the batch."""
    if crew is not None:
        return spread(work, _job(judge), crew, Verdicts(_killed, _failed), lambda taken: total - taken)
    if judge.settings.jobs == 1:
        return _one_by_one(work, judge)
    return _over_processes(work, judge)


def _one_by_one(work: Iterable[Work], judge: Judge) -> Completed:
    numbers = count()
    for each in work:  # without enumerate, which holds what it gave last
        judged = _grade(judge, each)
        del each  # its bytes, before the next one's are read
        yield next(numbers), judged


def _over_processes(work: Iterable[Work], judge: Judge) -> Completed:
    """Only a submission that ends its process twice is the grader's failure: here, the system may be to blame."""
    with Processes(judge.settings.jobs) as crew:
        yield from spread(work, _job(judge), crew, Verdicts(_failed, _failed))


class Processes:
    """Processes of this machine. When one dies, the pool is lost, and made anew."""

    most = 1
    died: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, jobs: int) -> None:
        self.ahead = 2 * jobs
        self._jobs = jobs
        self._pool = _start(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        processes.stop(self._pool)

    def submit(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        return processes.submit(self._pool, call, *given)

    def alone(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        """In a process of its own, to its end."""
        pool = _start(1)
        try:
            future = processes.submit(pool, call, *given)
            wait([future])
            return future
        finally:
            processes.stop(pool)

    def notes(self) -> list[str]:
        return []

    def renew(self) -> bool:
        processes.stop(self._pool)
        self._pool = _start(self._jobs)
        return True

    def fatal(self, error: BaseException) -> None:
        """Each submission is told of it."""


def _start(jobs: int) -> ProcessPoolExecutor:
    return processes.start(jobs, processes.follow_parent, close)


# --- what a worker does ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judging:
    """Grading under these settings. The task travels along: a worker need not have the file, nor the same one."""

    settings: Settings
    notebook: File

    def open(self) -> Judge:
        return Judge(self.settings, notebook=self.notebook)

    def do(self, opened: Judge, work: Work) -> Judged:
        return replace(_grade(opened, work), versions=versions())


def _job(judge: Judge) -> Judging:
    return Judging(judge.settings, File.read(judge.task.path))


def _grade(judge: Judge, work: Work) -> Judged:
    """One of a batch: whatever goes wrong becomes its Grade."""
    try:
        judged = judge.judge(work.upload, curve=work.curve, keep_executed=work.keep_executed)
        return replace(judged, grade=replace(judged.grade, submission=work.name))
    except Exception as error:  # a defect of ours costs nobody else their verdict
        return _failed(work, error)


def _failed(work: Work, error: BaseException) -> Judged:
    return Judged(failed(work.name, error))


def _killed(work: Work, error: BaseException) -> Judged:
    """On machines that are looked after, with nothing beside it: it was the submission."""
    message = "The worker that graded it ended under it, twice, the second time with nothing else under way."
    return Judged(Grade(work.name, Status.KILLED, "killed", message))
