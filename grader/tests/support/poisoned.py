"""Dropout, graded by somebody whose process ends under some answers: what no walls can keep from a worker, as where
the system is out of memory or the machine goes."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any

from grader.exercises.dropout.exercise import Dropout
from grader.exercises.interface import Code, Judgement

POISON = "POISON"  # a name in the answers under which the worker ends


class _Deadly:
    def __init__(self, plan: Any) -> None:
        self._plan = plan

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plan, name)

    def judge(self, code: Code) -> Judgement:
        if any(getattr(node, "id", "") == POISON for line in code.tree.body for node in getattr(line, "targets", ())):
            os.kill(os.getpid(), signal.SIGKILL)
        judged: Judgement = self._plan.judge(code)
        return judged


@dataclass(frozen=True)
class Poisoned(Dropout):
    def plan(self, seed: int, options: Any, enough: bool) -> Any:
        return _Deadly(super().plan(seed, options, enough))


EXERCISE = Poisoned()
