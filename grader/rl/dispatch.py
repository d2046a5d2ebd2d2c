"""Answers for the workers of an executor: judged in batches, whether they come one by one or as a stream."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import count
from typing import Any

from grader.course.spread import Crew, Verdicts, spread
from grader.errors import UsageError
from grader.rl.grading import RewardGrader
from grader.rl.instance import Instance, instance
from grader.rl.judge import Judged

Answer = str | Mapping[str, str]  # the source of the instance's first file, or files by name
Asked = tuple[Answer, str, int, int]  # with the level, the seed and the index of its task
Found = tuple[Judged, Asked | None] | Exception
DIED = Judged(None, {}, "grader error", "The grader's own process died.", {}, attempted=True, seconds=0.0)
VERDICTS = Verdicts(died=lambda work, error: None, failed=lambda work, error: error)

_instance = lru_cache(256)(instance)


@dataclass(frozen=True)
class Rewarding:
    """What a worker does with each answer: a judgement, and the answer itself where it is to be judged once more; or an
    exception for who asked."""

    timeout_s: float
    isolation: str

    def open(self) -> RewardGrader:
        return RewardGrader(self.timeout_s, self.isolation)

    def do(self, opened: RewardGrader, work: tuple[Answer, str, int, int, bool]) -> Found:
        try:
            found, again = judged(opened, *work)
            return found, work[:4] if again else None
        except Exception as error:
            return error


def judged(
    grader: RewardGrader, answer: Answer, level: str, seed: int, index: int, patient: bool
) -> tuple[Judged, bool]:
    task = _instance(level, seed, index)
    found, again = grader.once(task, files_of(answer, task), patient=patient)
    return replace(found, sites={}), again  # whose findings would cost more to send than to make


def files_of(answer: Answer, task: Instance) -> Mapping[str, str]:
    """An answer as the files of a workspace: where it is one text, that is the first file's. Raises ``UsageError``
    for what is neither, which is no model's doing."""
    if isinstance(answer, str):
        return {**task.files, next(iter(task.files)): answer}
    if isinstance(answer, Mapping) and all(isinstance(text, str) for text in answer.values()):
        return answer
    raise UsageError(f"an answer is a text, or texts by name; got {answer!r:.80}")


def stream(asked: Iterable[Asked], job: Rewarding, crew: Crew) -> Iterator[tuple[int, Judged]]:
    """(number, Judged) as they get ready. Few are read ahead, and none is kept."""
    under_way: dict[int, int] = {}
    again: deque[tuple[int, Asked]] = deque()  # who had to wait for a processor is judged once more, with patience

    def works() -> Iterator[tuple[Any, ...] | None]:
        rest, numbers = enumerate(asked), count()
        while True:
            patient = bool(again)
            each = again.popleft() if again else next(rest, None)
            if each is not None:
                under_way[next(numbers)], task = each
                yield *task, patient
            elif under_way:  # one of which may have to be judged once more
                yield None
            else:
                return

    for place, found in spread(works(), job, crew, VERDICTS):
        number = under_way.pop(place)
        if isinstance(found, Exception):
            raise found
        if found is not None and found[1] is not None:
            again.append((number, found[1]))
        else:
            yield number, DIED if found is None else found[0]


class Lane:
    """Takes answers one by one, from any thread, and hands them out in batches: a thread does that as long as there
    are any."""

    def __init__(self, crew: Crew, job: Rewarding) -> None:
        self._crew, self._job = crew, job
        self._new: queue.SimpleQueue[tuple[tuple[Any, ...], Future[Any]]] = queue.SimpleQueue()
        self._asked: dict[int, Future[Any]] = {}
        self._waiting = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.lived = False  # has any answer come back?

    async def run(self, work: partial[tuple[Judged, bool]]) -> tuple[Judged, bool] | None:
        """None if its worker died, twice."""
        future: Future[Any] = Future()
        with self._lock:
            self._waiting += 1
            self._new.put((work.args, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
        found = await asyncio.wrap_future(future)
        self.lived = True
        if isinstance(found, Exception):
            raise found
        return found and (found[0], found[1] is not None)

    def close(self) -> None:
        """Wait for what is under way."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        try:
            left = self._new.qsize
            for number, found in spread(self._works(), self._job, self._crew, VERDICTS, lambda taken: left()):
                self._settle(self._asked.pop(number), found)
        except BaseException as error:  # the workers do nothing any more: everybody who waits is told
            with self._lock:
                self._thread = None
                told = [*self._asked.values()]
                self._asked.clear()
                while not self._new.empty():
                    told.append(self._new.get()[1])
            for future in told:
                self._settle(future, error)

    def _settle(self, future: Future[Any], found: Any) -> None:
        with self._lock:
            self._waiting -= 1
        if future.set_running_or_notify_cancel():
            future.set_result(found)

    def _works(self) -> Iterator[tuple[Any, ...] | None]:
        for number in count():
            while self._new.empty():
                with self._lock:
                    if not self._waiting:
                        self._thread = None
                        return
                yield None
            work, self._asked[number] = self._new.get()
            yield work
