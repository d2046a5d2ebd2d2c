"""TRL's environments, as its trainer uses them: the shape of ``GRPOTrainer`` 1.16.0, by the lines of its source that
look for tools and rewards. The trainer itself needs torch and runs in ``frameworks/run_trl.py``, apart from pytest."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import typing
from functools import partial

import pytest

from grader import RewardPool, processes
from grader.rl import trl_environment
from grader.rl.episode import TOOLS
from grader.rl.instance import instance
from grader.rl.trl_environment import DropoutEnvironment, reward, rows
from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPTS, SEED

pytestmark = pytest.mark.sandbox


def tools_of(environment: object) -> dict[str, typing.Callable[..., str]]:
    """As the trainer finds them: functions of the class, none of its own names, none that begins with _."""
    members = inspect.getmembers(type(environment), predicate=inspect.isfunction)
    names = [name for name, _ in members if name not in ("reset", "get_reward") and not name.startswith("_")]
    return {name: getattr(environment, name) for name in names}


def test_the_tools_are_those_of_an_episode_and_every_argument_is_told() -> None:
    found = tools_of(DropoutEnvironment())
    assert set(found) == set(TOOLS)
    for name, tool in found.items():
        text = inspect.getdoc(tool) or ""
        told = dict(re.findall(r"^    (\w+): (.+)$", text.partition("Args:")[2].partition("Returns:")[0], re.M))
        assert told == dict(TOOLS[name].arguments)
        assert text.splitlines()[0] == TOOLS[name].about
        hints = typing.get_type_hints(tool)
        assert set(hints.values()) == {str}
        assert set(hints) == {*told, "return"}


def test_a_batch_is_rewarded_as_the_trainer_asks_for_it() -> None:
    """``reset(**row)``, tool calls, and one call of the reward with all environments and more that it ignores."""
    (row,) = rows([LEVEL], [SEED])
    environments, wanted = [], []
    for calls, value in SCRIPTS.values():
        environment = DropoutEnvironment()
        observation = environment.reset(**row)
        assert row["prompt"][-1]["content"] + observation == instance(LEVEL, SEED).prompt
        for name, arguments in calls:
            tools_of(environment)[name](**arguments)
        environments.append(environment)
        wanted.append(value)
    logged: dict[str, float] = {}
    more = {"prompts": [], "completions": [], "completion_ids": [], "trainer_state": None, "level": [LEVEL] * 3}
    got = asyncio.run(reward(environments=environments, log_metric=logged.__setitem__, **more))
    assert inspect.iscoroutinefunction(reward)
    assert got == wanted
    assert logged["dropout/attempted"] == pytest.approx(2 / 3)
    assert logged["dropout/turns"] == pytest.approx(sum(len(calls) for calls, _ in SCRIPTS.values()) / 3)


def test_an_environment_is_used_again_after_reset() -> None:
    environment = DropoutEnvironment()
    environment.reset(level="L1", seed=1)
    environment.write_file("dropout.py", instance("L1", 1).gold["dropout.py"])
    assert asyncio.run(reward([environment])) == [1.0]
    environment.reset(level="L1", seed=2)
    assert asyncio.run(reward([environment])) == [0.0]


def test_where_the_grader_failed_the_reward_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer turns it into NaN, and leaves that out."""
    environment = DropoutEnvironment()
    environment.reset()
    with RewardPool(jobs=1, isolation="required") as dying:
        assert dying.rewards([""]) == [0.0]
        for lane in (dying._all, dying._again):
            lane.close()
            lane._start = partial(processes.start, 1, os._exit, 1)
        monkeypatch.setattr(trl_environment, "shared_pool", lambda: dying)
        assert asyncio.run(reward([environment])) == [None]
