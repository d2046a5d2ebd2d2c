"""Rewards for many: in order, None where the grader failed, and nobody waits for an answer that hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import grader
from grader import GraderError, RewardPool, processes
from grader.bench import timing
from grader.exercises.dropout import known
from grader.rl.grading import Limited, RewardGrader, Watched
from grader.rl.instance import instance
from grader.rl.judge import Judged
from grader.rl.rewards import last_block
from grader.sandbox.account import Account
from grader.sandbox.box import WAITING, Box
from grader.sandbox.frames import Answer, Ended, Further, Program

pytestmark = pytest.mark.sandbox
RIGHT, WRONG = known.REFERENCE, known.START
SLEEPS = known.repaired((known.SCALE, "import time; time.sleep(1e6)"))
LOOPS = known.repaired((known.SCALE, "while True: pass"))
ENDS = "import os\nos._exit(0)\n" + RIGHT


@pytest.fixture(scope="module")
def pool() -> Iterator[RewardPool]:
    with RewardPool(jobs=2, timeout_s=1.0, isolation="required") as opened:
        yield opened


def test_rewards_come_in_the_order_of_the_answers(pool: RewardPool) -> None:
    assert pool.rewards([WRONG, RIGHT, "not Python", RIGHT, "", ENDS]) == [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    assert pool.rewards([]) == []


def test_each_answer_may_be_to_a_task_of_its_own(pool: RewardPool) -> None:
    tasks = [("L0", 1), ("L1", 2), ("L1", 3)]
    answers = [instance(*task).gold for task in tasks[:2]] + [instance(*tasks[2]).files]
    levels, seeds = zip(*tasks, strict=True)
    assert pool.rewards(answers, levels, seeds) == [1.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="2 values for 3 answers"):
        pool.rewards(answers, level=["L0", "L1"])
    with pytest.raises(GraderError, match="no level 'L99'"):
        pool.rewards([RIGHT], "L99")
    with pytest.raises(GraderError, match="an answer is a text, or texts by name; got None"):
        pool.rewards([RIGHT, None])  # type: ignore[list-item]


def test_the_public_name_keeps_its_processes_and_works_where_a_loop_runs() -> None:
    async def inside() -> list[float | None]:
        return grader.rewards([RIGHT, WRONG], jobs=1)

    assert asyncio.run(inside()) == [1.0, 0.0]
    assert grader.rewards([WRONG], jobs=1) == [0.0]


@pytest.mark.slow
def test_who_hangs_holds_up_nobody() -> None:
    order: list[str] = []

    async def one(pool: RewardPool, name: str, answer: str) -> None:
        assert await pool.reward(answer) == float(answer == RIGHT)
        order.append(name)

    async def all_of_them(pool: RewardPool) -> None:
        await asyncio.gather(one(pool, "hangs", SLEEPS), *(one(pool, "honest", RIGHT) for _ in range(3)))

    with RewardPool(jobs=2, timeout_s=5.0, isolation="required") as pool:
        pool.rewards([WRONG] * 4)  # both processes are there
        asyncio.run(all_of_them(pool))
    assert sorted(order) == ["hangs", *["honest"] * 3]
    assert order[0] == "honest"  # how many more go before it, the machine's load decides


def test_a_process_that_dies_costs_nobody_a_verdict(pool: RewardPool) -> None:
    """Ours, not the answer's: as where the system runs out of memory."""
    pool.rewards([WRONG] * 2)
    assert pool._all._pool is not None
    victims = list(pool._all._pool._processes)

    async def all_of_them() -> list[float | None]:
        asked = [asyncio.ensure_future(pool.reward(RIGHT)) for _ in range(4)]
        await asyncio.sleep(0)
        os.kill(victims[0], signal.SIGKILL)
        return list(await asyncio.gather(*asked))

    assert asyncio.run(all_of_them()) == [1.0] * 4
    assert victims[0] not in pool._all._pool._processes


def test_an_answer_that_takes_our_process_with_it_each_time_is_none() -> None:
    with RewardPool(jobs=1, isolation="required") as dying:
        assert dying.rewards([WRONG]) == [0.0]
        for lane in (dying._all, dying._again):
            lane.close()
            lane._start = partial(processes.start, 1, os._exit, 1)
        assert dying.rewards([RIGHT]) == [None]


@pytest.mark.slow
def test_where_no_process_ever_lives_that_is_an_error_and_no_mask(tmp_path: Path) -> None:
    """As in a script that starts processes while it is imported: all rewards would be None, and nobody would know."""
    script = tmp_path / "train.py"
    script.write_text("from grader import rewards\nprint(rewards(['x'], jobs=1))\n", encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "below its if __name__ == '__main__':" in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_an_answer_is_the_last_block_of_a_message() -> None:
    message = "Try this:\n```python\nx = 1\n```\nNo, this:\n```py\nx = 2\n```\nDone."
    assert last_block(message) == "x = 2\n"
    assert last_block("x = 3\n") == "x = 3\n"
    assert last_block("inline ``` is no block") == "inline ``` is no block"


# --- out of time ---------------------------------------------------------------------------------------------------


class BusyMachine:
    """A box on a machine that is busy during the first ``busy`` runs: the clock stops them in the queue for a
    processor, of which ``queued_s`` is told. What it is asked is written down."""

    def __init__(self, box: Limited, busy: int, queued_s: float | None) -> None:
        self.box, self.busy, self.queued_s = box, busy, queued_s
        self.isolation, self.timeout_s = box.isolation, box.timeout_s
        self.waited: list[float] = []
        self.run_notebook, self.close = box.run_notebook, box.close

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        assert account is not None
        self.waited.append(account.seconds_left)
        if len(self.waited) <= self.busy:
            return Answer(Ended.TIMED_OUT, None, (), "", cpu_s=0.01, queued_s=self.queued_s)
        return self.box.run(program, further, account)


def rewarded(
    answer: str, busy: int = 0, queued_s: float | None = 0.9, waiting_s: float = 1.0
) -> tuple[float | None, int]:
    """The reward, and how often it was judged; the second time with a patience that is not limited here."""
    with RewardGrader(timeout_s=1.0, isolation="required") as opened:
        machine = BusyMachine(opened.watched._box, busy, queued_s)
        opened.watched = opened.box = Watched(machine, waiting_s)
        task = instance("L1", 0)
        value = opened.reward(task, {**task.files, "dropout.py": answer}).value
        first, *later = machine.waited
        assert first <= waiting_s
        assert all(within > WAITING * machine.timeout_s for within in later)
        return value, len(machine.waited)


def test_who_waited_for_a_processor_is_judged_once_more() -> None:
    assert rewarded(RIGHT) == (1.0, 1)
    assert rewarded(RIGHT, busy=1) == (1.0, 2)
    assert rewarded(RIGHT, busy=1, queued_s=None) == (1.0, 2), "where the kernel does not say, it may have been so"
    assert rewarded(RIGHT, busy=2) == (0.0, 2)


def test_a_pool_judges_who_waited_once_more_with_patience(pool: RewardPool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def queued(work: partial[tuple[Judged, bool]]) -> tuple[Judged, bool]:
        asked.append(work.args[-1])
        return Judged(0.0, {}, "too slow", "", {}, attempted=True, seconds=1.0), True

    monkeypatch.setattr(pool._all, "run", queued)
    assert pool.rewards([RIGHT, WRONG]) == [1.0, 0.0]
    assert asked == [False, False], "the first time without patience"


def test_who_had_a_share_of_the_processor_is_a_0_at_once() -> None:
    assert rewarded(RIGHT, busy=1, queued_s=0.05) == (0.0, 1)
    assert rewarded(SLEEPS) == (0.0, 1)
    assert rewarded(LOOPS, waiting_s=60.0) == (0.0, 1)


def test_the_kernel_says_who_waited_for_a_processor_and_who_slept() -> None:
    """Three that loop and one that sleeps, on one core."""
    sources = ["while True: pass"] * 3 + ["import time; time.sleep(1e6)"]
    with timing.on_cores(1), Box("required", 10.0, 4096) as box, ThreadPoolExecutor(4) as threads:
        asked = [
            threads.submit(box.run, Program(source, [], [], seed=0), None, Account(0, 0, seconds=1.0))
            for source in sources
        ]
        *looped, slept = (each.result().queued_s or 0.0 for each in asked)
    assert min(looped) > 0.3
    assert slept < min(looped) / 2


# --- what it costs to ask for ----------------------------------------------------------------------------------------


def test_nothing_of_it_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    code = "import sys, grader; grader.TASK_PROMPT; print([m for m in sys.modules if m.startswith('grader.rl')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.strip() == "[]"
