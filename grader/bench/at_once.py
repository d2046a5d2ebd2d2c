"""Workers that answer at once, without looking: what the coordinator costs is seen beside them.

Run as a program, it streams so many answers through an executor of them: ``python -m grader.bench.at_once 1000``.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from grader.course.worker import Done
from grader.exercises.dropout import known
from grader.rl.dispatch import Asked
from grader.rl.judge import Judged
from grader.rl.rewards import RewardPool

REWARD = Judged(1.0, {f"R{n}": "passed" for n in range(1, 10)}, "correct", "Fine.", {}, attempted=True, seconds=0.02)
SECONDS = 0.02  # that an answer is said to have taken
WORKERS = 16


class AtOnce(Executor):
    """What comes back was sent as bytes, as over a network."""

    def __init__(self, workers: int) -> None:
        self._max_workers = workers
        self._closed = False

    def submit(self, call: Callable[..., Any], /, *given: Any, **more: Any) -> Future[Any]:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        works = pickle.loads(given[2])
        future: Future[Any] = Future()
        results = [(replace(REWARD, rules=dict(REWARD.rules)), None) for _ in works]  # each pickled by itself
        done = Done(results, len(works) * SECONDS)
        future.set_result(pickle.loads(pickle.dumps(done)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True


@dataclass(frozen=True)
class Looks:
    """A job for real workers, who look at nothing."""

    def open(self) -> Any:
        return _Closing(None)

    def do(self, opened: object, work: object) -> tuple[Judged, None]:
        return REWARD, None


class _Closing(nullcontext[None]):
    def close(self) -> None: ...


def answers(count: int) -> Iterator[Asked]:
    for number in range(count):
        yield f"{known.REFERENCE}\n# answer {number}\n", "L1", number, 0


def main(count: int) -> None:
    with RewardPool(executor=AtOnce(WORKERS)) as pool:
        right = sum(judged.value == 1.0 for _, judged in pool.stream(answers(count)))
    if right != count:
        raise RuntimeError(f"{right} of {count} answers came back")


if __name__ == "__main__":
    main(int(sys.argv[1]))
