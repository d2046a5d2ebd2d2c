"""Inspect: ``inspect eval grader/dropout -T level=L5 -T seeds=20 --model …``.

The three tools work on an episode that each sample's store holds; the answer is judged on the host, where no code of a
model runs. Where the grader itself failed, the sample is unscored and in no metric.
"""

from __future__ import annotations

from typing import Any

from inspect_ai import Task, task
from inspect_ai.agent import react
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef
from inspect_ai.util import StoreModel, store_as
from pydantic import Field

from grader.rl import episode
from grader.rl.instance import instance


class Rollout(StoreModel):
    state: dict[str, Any] = Field(default_factory=dict)  # of an Episode


@solver
def begin() -> Solver:
    """Put the sample's instance into its store."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.store_as(Rollout).state = {"task": state.metadata["task"]}
        return state

    return solve


async def act(name: str, **arguments: str) -> str:
    rollout = store_as(Rollout)
    said, rollout.state = await episode.act(rollout.state, name, **arguments)  # assigned: only that is recorded
    return said


async def read_file(path: str) -> str:
    return await act("read_file", path=path)


async def write_file(path: str, content: str) -> str:
    return await act("write_file", path=path, content=content)


async def execute_code(code: str) -> str:
    return await act("execute_code", code=code)


def tools() -> list[Tool]:
    made = zip((read_file, write_file, execute_code), episode.TOOLS.items(), strict=True)
    return [ToolDef(run, name, told.about, dict(told.arguments)).as_tool() for run, (name, told) in made]


@scorer(metrics=[accuracy(), stderr()])
def contract() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        outcome = await episode.submit(state.store_as(Rollout).state)
        if outcome["reward"] is None:
            return Score.unscored(reason="scoring_failed", explanation=outcome["diagnosis"])
        value = CORRECT if outcome["reward"] else INCORRECT
        return Score(value=value, explanation=outcome["diagnosis"], metadata=outcome["metrics"])

    return score


@task
def dropout(level: str = "L1", seeds: int = 20, first_seed: int = 0) -> Task:
    tasks = [instance(level, seed) for seed in range(first_seed, first_seed + seeds)]
    samples = [Sample(id=each.key, input=each.prompt, metadata={"task": [level, each.seed, 0]}) for each in tasks]
    turns = max(each.turns or 200 for each in tasks)
    limit = 3 * turns  # messages: a turn is a call and its result, and there are messages without a call
    data = MemoryDataset(samples)
    return Task(data, setup=begin(), solver=react(tools=tools()), scorer=contract(), message_limit=limit)
