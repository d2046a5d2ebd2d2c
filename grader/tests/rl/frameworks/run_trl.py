"""TRL, offline: the three scripts are one group of rollouts, from which its own trainer learns for two steps."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from grader.rl import rewards
from grader.tests.rl.frameworks.scripted import SCRIPTS, TASK, broken_grader, said

WANTED = [value for _, value in SCRIPTS.values()]
TURNS = [len(calls) for calls, _ in SCRIPTS.values()]
judge_here = rewards._judge_here


def judge_or_break(answer: Any, *task: Any) -> Any:
    """In a process that judges: the grader is broken for the one who does nothing."""
    with broken_grader() if answer == TASK.files else nullcontext():
        return judge_here(answer, *task)


def shown(log: dict[str, Any], table: Any) -> tuple[list[float], list[float]]:
    """The rewards of a step, and what the trainer makes of them, to two digits."""
    found, advantages = table["reward"].tolist(), table["advantage"].round(2).tolist()
    said("trl: step", log["step"], dict(zip(SCRIPTS, found, strict=True)), "mean", log["reward"], advantages)
    return found, advantages


def main() -> None:
    from grader.tests.rl.frameworks.trl_model import made, trained  # here: processes that judge read this file, too

    with tempfile.TemporaryDirectory() as home:
        model = made(Path(home, "model"))
        for log, table in trained(model, Path(home, "works")):
            assert table["prompt"][0][-1]["content"] == TASK.prompt
            assert shown(log, table) == (WANTED, [1.15, -0.58, -0.58])
            assert round(log["reward"], 4) == round(sum(WANTED) / len(WANTED), 4)
            assert round(log["dropout/turns"], 4) == round(sum(TURNS) / len(TURNS), 4)
            assert log["tools/failure_frequency"] == 0
        said("trl: the grader is broken for the second")
        with patch.object(rewards, "_judge_here", judge_or_break):
            steps = trained(model, Path(home, "broken"))
        for log, table in steps:
            (first, second, third), advantages = shown(log, table)
            assert (first, third, log["reward"]) == (1.0, 0.0, 0.5)
            assert second != second, "not a number: it has no part in the mean"
            assert advantages == [0.71, 0.0, -0.71]


if __name__ == "__main__":
    main()
