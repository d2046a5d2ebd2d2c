"""Much work → its results as they get ready, over processes or machines: in batches, few of them under way at a time.

A worker may die under a batch, and with it all that lay beside it. What was in such a batch is done once more, each
work alone and with nothing else under way, so that only one that ends its worker twice has itself to blame.
"""

from __future__ import annotations

import pickle
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from typing import Any, Protocol

from grader.course.versions import grader_version
from grader.course.worker import Done, Job, perform
from grader.errors import GraderError

BATCH_S = 4.0  # what a batch should take: 5 ms of it are the scheduler's and ours, who have a thousand workers to feed
BATCH_BYTES, ALL_BYTES = 4 << 20, 128 << 20  # of one batch, and of all that are under way
SUSPECTS, PATIENCE_S = 256, 10.0  # so many works of dead workers wait, and no longer, until nothing else is under way
LOOK_S = 5.0  # how often it is looked whether there still are workers
NOTHING_NOW_S = 0.01  # how soon somebody who has no work for the moment is asked again


class Crew(Protocol):
    """Who does the work, and how they say that one of them died."""

    most: int  # works of a batch
    died: tuple[type[BaseException], ...]

    @property
    def ahead(self) -> int:
        """Batches that are under way at a time."""

    def submit(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        """Raises ``GraderError`` if nobody takes work any more."""

    def alone(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        """The same, of a work whose worker died; nothing else is under way."""

    def notes(self) -> list[str]:
        """What whoever waits should know."""

    def renew(self) -> bool:
        """A worker has died. True: and with it all that was under way."""

    def fatal(self, error: BaseException) -> GraderError | None:
        """What a batch raised that is no work's doing."""


@dataclass(frozen=True)
class Verdicts:
    """What becomes of a work that ends its worker twice, and of one whose result cannot be had."""

    died: Callable[[Any, BaseException], Any]
    failed: Callable[[Any, BaseException], Any]


@dataclass(frozen=True)
class _Batch:
    numbers: tuple[int, ...]
    works: tuple[bytes, ...]  # pickled, so that a batch's size is known
    alone: bool = False

    def each(self) -> Iterator[_Batch]:
        for number, work in zip(self.numbers, self.works, strict=True):
            yield _Batch((number,), (work,), alone=True)


def spread(
    works: Iterable[Any], job: Job, crew: Crew, verdicts: Verdicts, left: Callable[[int], int] | None = None
) -> Iterator[tuple[int, Any]]:
    """(number, result) as they get ready. ``works`` may give None: there is nothing for the moment; ``left``: how many
    are left when so many were taken, so that few are shared by all. Raises ``GraderError`` if no worker can do any."""
    queue = _Queue(works, job, crew, left)
    running: dict[Future[Done], _Batch] = {}
    try:
        while True:
            queue.hand_out(running)
            if not running:
                if queue.over:
                    return
                time.sleep(NOTHING_NOW_S)
                continue
            done, _ = wait(running, NOTHING_NOW_S if queue.paused else LOOK_S, FIRST_COMPLETED)
            if any(_error(future, crew.died) for future in done) and crew.renew():
                done = set(running)
            for future in done:
                batch = running.pop(future)
                yield from _settled(future, batch, queue, verdicts)
                del batch
    finally:
        for future in running:
            future.cancel()


class _Queue:
    """What is still to be handed out."""

    def __init__(self, works: Iterable[Any], job: Job, crew: Crew, left: Callable[[int], int] | None) -> None:
        self.crew = crew
        self.again: deque[_Batch] = deque()  # as they were: nobody began them
        self.suspects: deque[_Batch] = deque()
        self.paused = False
        self._works = iter(works)
        self._job = pickle.dumps(job)
        self._left, self._number, self._ended = left, 0, False
        self._work_s: float | None = None  # what one takes
        self._suspected = 0.0

    @property
    def over(self) -> bool:
        return self._ended and not self.suspects and not self.again

    def hand_out(self, running: dict[Future[Done], _Batch]) -> None:
        """As much as should be under way."""
        if self.suspects and not running:
            batch = self.suspects.popleft()
            running[self._submit(batch)] = batch
        if any(batch.alone for batch in running.values()):
            return
        waits = len(self.suspects) >= SUSPECTS or time.monotonic() - self._suspected > PATIENCE_S
        ahead = self.crew.ahead
        while len(running) < ahead and not (self.suspects and waits):
            next_one = self.again.popleft() if self.again else self._next(ahead)
            if next_one is None:
                return
            running[self._submit(next_one)] = next_one

    def _submit(self, batch: _Batch) -> Future[Done]:
        submit = self.crew.alone if batch.alone else self.crew.submit
        return submit(perform, grader_version(), self._job, pickle.dumps(batch.works), secrets.token_hex(8))

    def _next(self, ahead: int) -> _Batch | None:
        """None: there is no more, or nothing for the moment (``paused``)."""
        works: list[bytes] = []
        most, room = self._size(ahead), min(BATCH_BYTES, ALL_BYTES // ahead)
        self.paused = False
        while len(works) < most and room > 0 and not self._ended:
            try:
                work = next(self._works)
            except StopIteration:
                self._ended = True
                break
            if work is None:
                self.paused = True
                break
            works.append(pickle.dumps(work))
            del work  # before the next one is read
            room -= len(works[-1])
        first, self._number = self._number, self._number + len(works)
        return _Batch(tuple(range(first, self._number)), tuple(works)) if works else None

    def _size(self, ahead: int) -> int:
        if self._work_s is None:  # nobody knows yet how long one takes
            return 1
        size = min(self.crew.most, max(1, round(BATCH_S / max(self._work_s, 1e-6))))
        return size if self._left is None else max(1, min(size, self._left(self._number) // ahead))

    def learn(self, done: Done) -> None:
        seconds = done.seconds / max(1, len(done.results))
        self._work_s = seconds if self._work_s is None else 0.8 * self._work_s + 0.2 * seconds

    def suspect(self, batch: _Batch) -> None:
        if not self.suspects:
            self._suspected = time.monotonic()
        self.suspects.extend(batch.each())


def _settled(future: Future[Done], batch: _Batch, queue: _Queue, verdicts: Verdicts) -> Iterator[tuple[int, Any]]:
    """What came back; or the batch's works are to be done again."""
    if future.cancelled():  # the scheduler was lost, and it with it
        (queue.suspects if batch.alone else queue.again).append(batch)
        return
    error = future.exception()
    if error is None:
        done = future.result()
        queue.learn(done)
        yield from zip(batch.numbers, done.results, strict=True)
    elif isinstance(error, queue.crew.died) and not batch.alone:
        queue.suspect(batch)
    elif isinstance(error, queue.crew.died):
        yield batch.numbers[0], verdicts.died(pickle.loads(batch.works[0]), error)
    elif fatal := queue.crew.fatal(error):
        raise fatal from error
    elif len(batch.works) > 1:  # one of them is to blame
        queue.again.extend(replace(each, alone=False) for each in batch.each())
    else:
        yield batch.numbers[0], verdicts.failed(pickle.loads(batch.works[0]), error)


def _error(future: Future[Done], kinds: tuple[type[BaseException], ...]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), kinds)
