"""Rows of training: rewards a second, what answers that hang or attack cost the others, an episode, one execution."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from grader.bench.graded import ANSWERS
from grader.bench.row import Row, Sizes, at_most
from grader.bench.timing import Stopwatch, in_turns, on_cores
from grader.exercises.dropout import known
from grader.exercises.interface import load
from grader.rl.episode import Episode
from grader.rl.grading import RewardGrader
from grader.rl.rewards import RewardPool
from grader.settings import Settings
from grader.submissions.task import Task, script_check

RIGHT, WRONG = known.REFERENCE, ANSWERS[1:]
HOSTILE = (
    known.repaired((known.SCALE, "while True: pass")),
    known.repaired((known.SCALE, "import time; time.sleep(1e6)")),
    known.repaired((known.SCALE, "print('x' * 10**7)\n        scale = 1.0 / keep_prob")),
    f"import os\nos._exit(0)\n{RIGHT}",
    f"held = [bytearray(10**8) for _ in range(10**6)]\n{RIGHT}",
    f"import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n{RIGHT}",
)
SHARE = 0.05  # of the answers that hang or attack


@dataclass(frozen=True)
class Batch:
    """Seconds from the start to each honest verdict, and to the last of all."""

    honest: tuple[float, ...]
    all_s: float

    @property
    def last(self) -> float:
        return max(self.honest)

    def at(self, share: float) -> float:
        return statistics.quantiles(self.honest, n=100)[round(100 * share) - 1]


def answers(count: int, hostile: float) -> list[tuple[str, bool]]:
    """A quarter is right, the rest is wrong in known ways; ``hostile`` of them hang or attack. With who is honest."""
    dice, attacks = random.Random(count), round(hostile * count)
    mixed = [(HOSTILE[n % len(HOSTILE)], False) for n in range(attacks)]
    mixed += [(RIGHT if n % 4 == 0 else WRONG[n % len(WRONG)], True) for n in range(count - attacks)]
    dice.shuffle(mixed)
    return [(f"{source}\n# answer {n}\n", honest) for n, (source, honest) in enumerate(mixed)]


def batch(pool: RewardPool, asked: Sequence[tuple[str, bool]]) -> Batch:
    """All at once, as at the end of a training step. Raises ``RuntimeError`` for a wrong reward."""
    started = time.perf_counter()
    honest: list[float] = []

    async def one(answer: str, is_honest: bool) -> None:
        value = await pool.reward(answer)
        if is_honest:
            honest.append(time.perf_counter() - started)
        if value != float(is_honest and answer.startswith(RIGHT)):
            raise RuntimeError(f"a wrong reward, {value}, for {answer[-300:]}")

    async def together() -> None:
        await asyncio.gather(*(one(*each) for each in asked))

    asyncio.run(together())
    return Batch(tuple(honest), time.perf_counter() - started)


def rewards(sizes: Sizes) -> list[Row]:
    """On one core and on two; with hostile answers and without, in turns."""
    calm, stormy = answers(sizes.answers, 0.0), answers(sizes.answers, SHARE)
    seconds = {}
    for cores in (1, 2):
        with on_cores(cores), RewardPool(isolation="required") as pool:
            batch(pool, calm[: 2 * pool.jobs])
            seconds[cores] = batch(pool, calm).all_s
            if cores == 2:
                rounds = [(batch(pool, calm), batch(pool, stormy)) for _ in range((sizes.commands + 1) // 2)]
    rate = {cores: len(calm) / each for cores, each in seconds.items()}
    work = f"rewards of {len(calm)} answers, 25 % right"
    without, within = ([each[n] for each in rounds] for n in (0, 1))
    last = [statistics.median(each.last for each in kind) for kind in (without, within)]
    tail = [[statistics.median(each.at(p) for each in kind) for p in (0.5, 0.99)] for kind in (without, within)]
    limit = (
        "Who sleeps holds one of two processes a core for the whole limit of 5 s, and who loops takes its share of a "
        "core; the last honest verdict is due when the queue is empty."
    )
    return [
        Row(
            work, f"{rate[2]:.1f} /s on two cores", f"{rate[1]:.1f} /s on one", f"{rate[2] / rate[1]:.2f} ×", "–", True
        ),
        Row(
            f"the same on two cores, {SHARE:.0%} hang or attack: p50 and p99 of the honest",
            f"{tail[1][0]:.1f} s, {tail[1][1]:.1f} s",
            f"none of them: {tail[0][0]:.1f} s, {tail[0][1]:.1f} s",
            f"{tail[1][1] / tail[0][1]:.2f} ×",
            "–",
            True,
        ),
        at_most(
            "the last honest verdict of these",
            f"{last[1]:.1f} s",
            f"none of them: {last[0]:.1f} s",
            last[1] / last[0],
            2.5,
            limit,
        ),
    ]


def episode(sizes: Sizes) -> list[Row]:
    """The start of one, and one execution of the visible test beside the same test in Python without walls."""
    task = Task.load(load(Settings().exercise).handout)
    files = {task.handout.script: f"import numpy as np\n{RIGHT}", task.handout.script_check: script_check(task)}
    stopwatch, seeds = Stopwatch(), iter(range(10**9))
    with on_cores(1), RewardGrader(isolation="required") as grader:
        begun = Episode(grader)
        begun.reset("L1")
        begun.execute_code("1")

        def reset() -> float:
            with stopwatch:
                begun.reset("L1", next(seeds))
            return stopwatch.seconds

        def executed(code: str) -> float:
            fresh = Episode(grader)
            fresh.reset("L1")
            fresh.files = files
            with stopwatch:
                fresh.execute_code(code)
            return stopwatch.seconds

        def verdict() -> float:
            return grader.grade_source(RIGHT).duration_s

        check = f"python {task.handout.script_check}"
        starts, nothing, checked, verdicts = in_turns(
            sizes.verdicts, reset, lambda: executed("print(1)"), lambda: executed(check), verdict
        )
    compared = f"a right verdict: {verdicts}"
    return [
        Row(work, str(ours), compared, f"{ours.median / verdicts.median:.2f} ×", "–", True)
        for work, ours in (
            ("the start of an episode", starts),
            ("execute_code: print(1)", nothing),
            ("execute_code: the visible test", checked),
        )
    ]
