"""TRL: ``GRPOTrainer(model, reward, train_dataset=Dataset.from_list(rows(["L5"], range(100))),
environment_factory=DropoutEnvironment, …)``.

Public methods are the tools, by their docstrings. The reward is a function and not ``get_reward``, whose calls TRL
awaits one after another: so a batch is judged on all cores. Where the grader itself failed the reward is None, which
TRL leaves out. Nothing of TRL is imported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from grader.rl.episode import Episode
from grader.rl.rewards import shared_pool


def rows(levels: Iterable[str], seeds: Iterable[int]) -> list[dict[str, Any]]:
    """The dataset: which instance each row is; ``reset`` appends the prompt to the empty message."""
    seeds = list(seeds)
    message = [{"role": "user", "content": ""}]
    return [{"prompt": message, "level": level, "seed": seed, "index": 0} for level in levels for seed in seeds]


class DropoutEnvironment:
    def __init__(self) -> None:
        self._episode = Episode()

    def reset(self, level: str = "L1", seed: int = 0, index: int = 0, **row: Any) -> str:
        return self._episode.reset(level, seed, index)

    def read_file(self, path: str) -> str:
        """Read a file of the workspace.

        Args:
            path: Its name.

        Returns:
            The text of the file.
        """
        return self._episode.read_file(path)

    def write_file(self, path: str, content: str) -> str:
        """Write a file of the workspace.

        Args:
            path: Its name.
            content: The whole new text.

        Returns:
            Whether it was written.
        """
        return self._episode.write_file(path, content)

    def execute_code(self, code: str) -> str:
        """Run Python in a fresh process, beside a copy of the workspace: files that it changes are not kept.

        Args:
            code: The source; or, to run a file, one line as in: python test_dropout.py

        Returns:
            What it printed, and how it ended.
        """
        return self._episode.execute_code(code)


async def reward(
    environments: Sequence[DropoutEnvironment], log_metric: Callable[[str, float], None] | None = None, **_: Any
) -> list[float | None]:
    """The rewards of a batch, judged at the same time; the means of their metrics are logged."""
    pool, episodes = shared_pool(), [environment._episode for environment in environments]
    tasks = [(each.files, each.instance.level, each.instance.seed, each.instance.index) for each in episodes]
    judged = await asyncio.gather(*(pool.judge(*task) for task in tasks))
    for episode, verdict in zip(episodes, judged, strict=True):
        episode.close(verdict)
    if log_metric is not None:
        for name in ("attempted", "rules_kept", "executions", "turns"):
            log_metric(f"dropout/{name}", fmean(episode.metrics()[name] for episode in episodes))
    return [verdict.value for verdict in judged]
