"""Rewards by the workers of an executor: the values of one machine, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from grader import GraderError, RewardPool
from grader.bench.at_once import REWARD, AtOnce, Looks
from grader.course.executors import crew_of
from grader.exercises.dropout import known
from grader.rl import dispatch
from grader.rl.dispatch import Found, Rewarding
from grader.rl.instance import instance
from grader.tests.support.batch import within
from grader.tests.support.cluster import Cluster

RIGHT, WRONG = known.REFERENCE, known.START
SLEEPS = known.repaired((known.SCALE, "import time; time.sleep(1e6)"))
MIXED = [RIGHT, WRONG, "not Python", "", SLEEPS] + [f"{RIGHT}\n# {n}\n" for n in range(20)]
VALUES = [1.0, 0.0, 0.0, 0.0, 0.0] + [1.0] * 20


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with Cluster(tmp_path_factory.mktemp("cluster"), workers=2, env=allowed) as started:
        yield started


@pytest.fixture(scope="module")
def executor(cluster: Cluster) -> Iterator[Executor]:
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2)
        yield client.get_executor()


@pytest.fixture(scope="module")
def pool(executor: Executor) -> Iterator[RewardPool]:
    with RewardPool(timeout_s=1.0, isolation="required", executor=executor) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_cluster_gives_the_rewards_of_one_machine(pool: RewardPool) -> None:
    assert pool.rewards(MIXED) == VALUES
    assert pool.rewards(MIXED[:2]) == VALUES[:2], "the second time, too"
    tasks = [("L0", 1), ("L1", 2)]
    levels, seeds = zip(*tasks, strict=True)
    assert pool.rewards([instance(*task).gold for task in tasks], levels, seeds) == [1.0, 1.0]
    with pytest.raises(GraderError, match="no level 'L99'"):
        pool.rewards([RIGHT], "L99")
    assert pool.rewards([RIGHT]) == [1.0], "which is nobody else's trouble"


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_stream_has_all_of_them_once(pool: RewardPool) -> None:
    found = dict(pool.stream((answer, "L1", 0, 0) for answer in MIXED))
    assert [found[number].value for number in range(len(MIXED))] == VALUES
    with RewardPool(jobs=2, timeout_s=1.0, isolation="required") as here:
        assert {number: judged.value for number, judged in here.stream([(RIGHT, "L1", 0, 0)])} == {0: 1.0}


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_killed_worker_costs_nobody_a_reward(pool: RewardPool, cluster: Cluster) -> None:
    victim = cluster.worker_of(cluster.nannies[0])

    async def all_of_them() -> list[float | None]:
        asked = [asyncio.ensure_future(pool.reward(answer)) for answer in MIXED]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        os.kill(victim, signal.SIGKILL)
        return list(await asyncio.gather(*asked))

    assert asyncio.run(all_of_them()) == VALUES


@pytest.mark.slow
@pytest.mark.sandbox
def test_an_answer_under_which_its_worker_ends_each_time_is_none(executor: Executor, cluster: Cluster) -> None:
    """Wherever it is judged, that worker is killed."""
    kills = []
    over = threading.Event()

    def kill_who_judges() -> None:
        while not over.is_set():
            for nanny in cluster.nannies:
                worker = cluster.worker_of(nanny)
                sleeping = _sleeping(worker)
                if sleeping and worker not in kills:
                    kills.append(worker)
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.05)

    with RewardPool(timeout_s=60.0, isolation="required", executor=executor) as pool:
        assert pool.rewards([RIGHT, WRONG, RIGHT]) == [1.0, 0.0, 1.0]
        killer = threading.Thread(target=kill_who_judges)
        killer.start()
        try:
            assert pool.rewards([RIGHT, SLEEPS]) == [1.0, None]
        finally:
            over.set()
            killer.join()
        assert len(kills) == 2
        assert pool.rewards([RIGHT]) == [1.0]


def _sleeping(worker: int) -> bool:
    """Does an answer sleep below this worker? Nothing else there does."""

    def naps(pid: int) -> bool:
        try:
            return "nanosleep" in Path(f"/proc/{pid}/wchan").read_text()
        except OSError:
            return False

    return any(map(naps, within(worker)[1:]))


# --- without any worker --------------------------------------------------------------------------------------------


def test_few_are_read_ahead_and_none_is_kept() -> None:
    """Memory does not grow with the number of answers."""
    read = 0

    def answers(count: int) -> Iterator[tuple[str, str, int, int]]:
        nonlocal read
        for read in range(1, count + 1):
            yield f"{RIGHT}# {read}", "L1", 0, 0

    executor = AtOnce(workers=4)
    peaks = []
    with RewardPool(executor=executor) as pool:
        for count in (1_000, 20_000):
            tracemalloc.start()
            for done, (_, judged) in enumerate(pool.stream(answers(count)), 1):
                assert read - done < 2 * 4 * 64, (read, done)
                assert judged.value == 1.0
            assert done == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0], peaks


@dataclass(frozen=True)
class Starved(Rewarding):
    """Where every second answer has to wait for a processor, the first time."""

    def open(self) -> Any:
        return Looks().open()

    def do(self, opened: Any, work: tuple[Any, str, int, int, bool]) -> Found:
        *_, seed, _, patient = work
        starved = seed % 2 == 1 and not patient
        return replace(REWARD, value=0.0 if starved else 1.0), work[:4] if starved else None


def test_who_had_to_wait_for_a_processor_is_judged_once_more() -> None:
    with ThreadPoolExecutor(2) as executor:
        asked = [(RIGHT, "L1", number, 0) for number in range(50)]
        found = dict(dispatch.stream(asked, Starved(1.0, "auto"), crew_of(executor)))
    assert {number: judged.value for number, judged in found.items()} == dict.fromkeys(range(50), 1.0)


def test_workers_that_do_nothing_any_more_are_an_error_for_all_who_wait() -> None:
    executor = AtOnce(workers=1)
    executor.shutdown()
    with RewardPool(executor=executor) as pool, pytest.raises(GraderError, match="takes no more work"):
        pool.rewards([RIGHT] * 3)
    with RewardPool(executor=executor) as pool, pytest.raises(GraderError, match="takes no more work"):
        list(pool.stream([(RIGHT, "L1", 0, 0)]))
