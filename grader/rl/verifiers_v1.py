"""verifiers.v1: ``vf-eval dropout-v1 --env.taskset.level L5 --env.agent.harness.id null -m …``.

The ``null`` harness has no tools but ours; others run a model's code on the host. Each rollout's episode is its State.
One that the grader failed on has an error and no reward. ``dropout_v1`` is the name under which verifiers finds this.
"""

from __future__ import annotations

from typing import Any

import verifiers.v1 as vf
from pydantic import Field

from grader.errors import GraderError
from grader.rl import episode
from grader.rl.instance import instance


class Rollout(vf.State):
    state: dict[str, Any] = Field(default_factory=dict)  # of an Episode


class DropoutTools(vf.Toolset[vf.SharedToolsetConfig, Rollout]):
    TOOL_PREFIX = None

    async def _act(self, name: str, **arguments: str) -> str:
        said, self.state.state = await episode.act(self.state.state, name, **arguments)
        return said

    @vf.tool
    async def read_file(self, path: str) -> str:
        """Read a file of the workspace: ``path`` is its name."""
        return await self._act("read_file", path=path)

    @vf.tool
    async def write_file(self, path: str, content: str) -> str:
        """Write a file of the workspace: ``content`` is the whole new text."""
        return await self._act("write_file", path=path, content=content)

    @vf.tool
    async def execute_code(self, code: str) -> str:
        """Run Python in a fresh process, beside a copy of the workspace: files that it changes are not kept."""
        return await self._act("execute_code", code=code)


class DropoutData(vf.TaskData):
    task: tuple[str, int, int]


class DropoutTask(vf.Task[DropoutData, Rollout]):
    async def setup(self, trace: vf.Trace, runtime: vf.Runtime) -> None:
        trace.state.state = {"task": list(self.data.task)}

    async def finalize(self, trace: vf.Trace, runtime: vf.Runtime) -> None:
        trace.info["outcome"] = await episode.submit(trace.state.state)
        if trace.info["outcome"]["reward"] is None:
            raise GraderError("the grader itself failed; this says nothing about the answer")

    @vf.reward
    async def contract(self, trace: vf.Trace) -> float:
        return float(trace.info["outcome"]["reward"])

    @vf.metric
    async def metrics(self, trace: vf.Trace) -> dict[str, float]:
        return dict(trace.info["outcome"]["metrics"])


class DropoutConfig(vf.TasksetConfig):
    level: str = "L1"
    first_seed: int = 0
    seeds: int = 20
    tools: vf.SharedToolsetConfig = vf.SharedToolsetConfig()


class DropoutTaskset(vf.Taskset[DropoutTask, DropoutConfig]):
    @classmethod
    def toolsets(cls, config: DropoutConfig) -> list[vf.Toolset]:
        return [DropoutTools(config.tools)]

    def load(self) -> list[DropoutTask]:
        level, first = self.config.level, self.config.first_seed
        tasks = [instance(level, seed) for seed in range(first, first + self.config.seeds)]
        data = [DropoutData(prompt=each.prompt, name=each.key, task=(level, each.seed, 0)) for each in tasks]
        return [DropoutTask(each, self.config.task) for each in data]


if __name__ == "__main__":
    DropoutTools.run()
