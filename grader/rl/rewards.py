"""Rewards for many answers at a time, in processes of their own: 1.0, 0.0, or None where the grader itself failed.

As in a class of students, one process keeps one grader. There are twice as many as cores, so that an answer that sleeps
until its limit leaves the core to others, and one that hangs delays nobody beyond that limit.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from typing import Self

from grader import processes
from grader.course.executors import crew_of
from grader.course.pool import Processes
from grader.errors import GraderError
from grader.rl import dispatch
from grader.rl.dispatch import DIED, Answer, Asked, Rewarding, judged
from grader.rl.grading import RewardGrader
from grader.rl.instance import TIMEOUT_S
from grader.rl.judge import Judged

__all__ = ["Answer", "RewardPool", "last_block", "rewards", "shared_pool"]

FENCED = re.compile(r"^```[^\n`]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
TRIES = 2  # in each pool, of an answer whose process dies: another's may have broken the pool
NO_PROCESS = (
    "no process that judges comes to life: a script that asks for rewards is a file, "
    "and asks below its if __name__ == '__main__':"
)


def rewards(
    answers: Sequence[Answer],
    level: str | Sequence[str] = "L1",
    seed: int | Sequence[int] = 0,
    index: int | Sequence[int] = 0,
    jobs: int | None = None,
) -> list[float | None]:
    """The rewards of answers, in their order: 1.0, 0.0, or None, which is to be masked.

    ``level``, ``seed`` and ``index`` say which task each answer is to: one value for all, or one for each. ``jobs``:
    processes, by default twice as many as cores; they are kept for the next call. Raises ``UsageError`` for a level
    that there is not, ``IsolationError`` where there are no walls.
    """
    return shared_pool(jobs).rewards(answers, level, seed, index)


def last_block(message: str) -> str:
    """The answer in a model's message: its last fenced block of code; the whole message where there is none."""
    blocks: list[str] = FENCED.findall(message)
    return blocks[-1] if blocks else message


class RewardPool:
    """Judges answers as they come, for trainers that do not wait; a context manager, because it keeps processes."""

    def __init__(
        self,
        jobs: int | None = None,
        timeout_s: float = TIMEOUT_S,
        isolation: str = "auto",
        executor: Executor | None = None,
    ) -> None:
        """``timeout_s``: of processor time, for each layer that is judged (see ``RewardGrader``). ``executor``: whose
        workers judge, in place of this machine's; they have this version of the package, as with Dask's
        ``Client(…).get_executor()``. Raises ``IsolationError`` where there are no walls; a worker's is raised where
        answers are judged."""
        self._job = Rewarding(timeout_s, isolation)
        self._crew = crew_of(executor) if executor is not None else None
        self._far = dispatch.Lane(self._crew, self._job) if self._crew else None
        if self._far is None:  # in a process of the pool, nobody would hear why it cannot be had
            RewardGrader(timeout_s, isolation).close()
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.jobs = jobs or 2 * cores
        self._all = _Lane(self.jobs, timeout_s, isolation)
        self._again = _Lane(max(1, min(cores, self.jobs) // 2), timeout_s, isolation)  # with cores to spare for each

    async def reward(self, answer: Answer, level: str = "L1", seed: int = 0, index: int = 0) -> float | None:
        """1.0, 0.0, or None where the grader itself failed."""
        return (await self.judge(answer, level, seed, index)).value

    async def judge(self, answer: Answer, level: str = "L1", seed: int = 0, index: int = 0) -> Judged:
        """The same with its reasons. Whom the clock stopped while it waited for a processor is judged once more, where
        little else runs and with more patience: only then it is a 0."""
        first, second = (self._far, self._far) if self._far else (self._all, self._again)
        found = await first.run(partial(_judge_here, answer, level, seed, index, False))
        if found[1] if found else not self._far:  # whose workers it has ended twice already
            found = await second.run(partial(_judge_here, answer, level, seed, index, True))
        if found is None and not (first.lived or second.lived):
            raise GraderError(NO_PROCESS)
        return DIED if found is None else found[0]

    def rewards(
        self,
        answers: Sequence[Answer],
        level: str | Sequence[str] = "L1",
        seed: int | Sequence[int] = 0,
        index: int | Sequence[int] = 0,
    ) -> list[float | None]:
        """Of many, in their order; see ``rewards``."""
        return [judged.value for judged in self.judgements(answers, level, seed, index)]

    def judgements(
        self,
        answers: Sequence[Answer],
        level: str | Sequence[str] = "L1",
        seed: int | Sequence[int] = 0,
        index: int | Sequence[int] = 0,
    ) -> list[Judged]:
        """The same with their reasons."""
        tasks = zip(*(_each(value, len(answers)) for value in (level, seed, index)), strict=True)

        async def together() -> list[Judged]:
            asked = (self.judge(answer, *task) for answer, task in zip(answers, tasks, strict=True))
            return list(await asyncio.gather(*asked))

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(together())
        with ThreadPoolExecutor(1) as beside:  # as in JupyterLab, whose loop runs already
            return beside.submit(asyncio.run, together()).result()

    def stream(self, asked: Iterable[Asked]) -> Iterator[tuple[int, Judged]]:
        """Of any number of (answer, level, seed, index): each one's place among them, and its judgement, as they get
        ready. Few are read ahead, and none is kept, so that memory does not grow with their number."""
        if self._crew is not None:
            yield from dispatch.stream(asked, self._job, self._crew)
            return
        with Processes(self.jobs) as crew:
            for count, (number, judged) in enumerate(dispatch.stream(asked, self._job, crew)):
                if not count and judged is DIED:
                    raise GraderError(NO_PROCESS)
                yield number, judged

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is under way, and end the processes."""
        if self._far:
            self._far.close()
        self._all.close()
        self._again.close()


class _Lane:
    """A pool of processes, started when it is first needed, and anew when one of them has died."""

    def __init__(self, jobs: int, timeout_s: float, isolation: str) -> None:
        self._start = partial(processes.start, jobs, _open, timeout_s, isolation)
        self._pool: ProcessPoolExecutor | None = None
        self.lived = False  # has any answer come back?

    async def run(self, work: partial[tuple[Judged, bool]]) -> tuple[Judged, bool] | None:
        """None if its process died each time."""
        for _ in range(TRIES):
            pool = self._pool = self._pool or self._start()
            try:
                found = await asyncio.wrap_future(processes.submit(pool, work))
                self.lived = True
                return found
            except BrokenProcessPool:
                if self._pool is pool:
                    self.close()
        return None

    def close(self) -> None:
        if self._pool is not None:
            processes.stop(self._pool)
            self._pool = None


def shared_pool(jobs: int | None = None) -> RewardPool:
    """This process's own, kept open. Raises ``IsolationError`` where there are no walls."""
    return _pool_of(os.getpid(), jobs)


@cache
def _pool_of(process: int, jobs: int | None) -> RewardPool:
    """A process that was forked has one of its own."""
    pool = RewardPool(jobs)
    atexit.register(pool.close)
    return pool


def _each(value: object, count: int) -> list[object]:
    """One for each answer. Raises ``ValueError`` if there are more or fewer."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{len(value)} values for {count} answers: give one for all, or one for each")
    return list(value)


# --- in a process of the pool ------------------------------------------------------------------------------------

_here: RewardGrader | None = None


def _open(timeout_s: float, isolation: str) -> None:
    global _here
    processes.follow_parent(_close)
    _here = RewardGrader(timeout_s, isolation)
    atexit.register(_close)


def _close() -> None:
    if _here is not None:
        _here.close()


def _judge_here(answer: Answer, level: str, seed: int, index: int, patient: bool) -> tuple[Judged, bool]:
    if _here is None:
        raise GraderError("a process of the pool was not initialised")
    return judged(_here, answer, level, seed, index, patient)
