"""OpenEnv: ``uvicorn grader.rl.openenv_app:app``, an HTTP server for trainers on other machines.

``reset(seed=…, level=…)`` gives the prompt, the tools are MCP's, and ``submit`` ends the episode: reward and ``done``
are on its observation, the metrics in its metadata. Where the grader itself failed there is no reward, and ``masked``.
"""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP
from openenv.core.env_server.http_server import create_fastapi_app
from openenv.core.env_server.mcp_environment import MCPEnvironment
from openenv.core.env_server.mcp_types import CallToolAction, CallToolObservation
from openenv.core.env_server.types import Action, Observation, State

from grader.rl.episode import TOOLS, Episode

MOST_SESSIONS = 64


class DropoutState(State):
    key: str = ""
    turns: int = 0


class DropoutEnvironment(MCPEnvironment):
    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self) -> None:
        self.episode = Episode()
        self.episode.reset()
        server = FastMCP("dropout")
        for tool in (self.read_file, self.write_file, self.execute_code):
            server.tool(tool, description=TOOLS[tool.__name__].about)
        server.tool(self.submit, description="Hand in the workspace as it is. This ends the episode.")
        super().__init__(server)

    def read_file(self, path: str) -> str:
        return self.episode.read_file(path)

    def write_file(self, path: str, content: str) -> str:
        return self.episode.write_file(path, content)

    def execute_code(self, code: str) -> str:
        return self.episode.execute_code(code)

    def submit(self) -> str:
        self.episode.submit()
        return "Handed in."

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, level: str = "L1", index: int = 0, **_: Any
    ) -> Observation:
        return Observation(done=False, metadata={"prompt": self.episode.reset(level, seed or 0, index)})

    def step(self, action: Action, timeout_s: float | None = None, **more: Any) -> Observation:
        return self._with_reward(super().step(action, timeout_s=timeout_s, **more))

    async def step_async(self, action: Action, timeout_s: float | None = None, **more: Any) -> Observation:
        """The WebSocket's way, which does not go through ``step``."""
        return self._with_reward(await super().step_async(action, timeout_s=timeout_s, **more))

    def _with_reward(self, observation: Observation) -> Observation:
        if self.episode.judged is not None:
            outcome = self.episode.outcome()
            observation.reward, observation.done = outcome["reward"], True
            observation.metadata |= {**outcome["metrics"], "masked": outcome["reward"] is None}
        return observation

    def _step_impl(self, action: Action, timeout_s: float | None = None, **_: Any) -> Observation:
        return Observation(done=False, metadata={"error": f"call a tool, not {type(action).__name__}"})

    @property
    def state(self) -> DropoutState:
        return DropoutState(key=self.episode.instance.key, turns=self.episode.turns)


app = create_fastapi_app(
    DropoutEnvironment,
    CallToolAction,
    CallToolObservation,
    max_concurrent_envs=MOST_SESSIONS,
    env_name="dropout",
    state_cls=DropoutState,
)
