"""Everything that can be set, in one frozen dataclass; each field is an option of ``python -m grader grade``, and so is
each of the exercise's own ``options``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXECUTE = ("full", "none")
ISOLATION = ("auto", "required", "none")
FEEDBACK = ("full", "terse")
EVIDENCE = ("all", "enough")


@dataclass(frozen=True)
class Settings:
    """How submissions are judged. Raises ``ValueError`` for a value that cannot be meant.

    exercise: its name in ``grader.exercises``, or the whole name of a module that holds one.
    options: what of the exercise's own ``Options`` is not as usual, by name; checked when a grader is opened.
    feedback: "full" teaches; "terse", for training runs, names the rules that failed, no mistake and no measured value.
    evidence: "all" asks everything and judges every rule; "enough", for rewards, stops where the verdict is sure.
    timeout_s: processor time of each process that runs an answer, which is some times more by the clock (see
    ``sandbox.box.WAITING``), so that a busy machine fails nobody; of the executed notebook, time by the clock.
    memory_mib: of each process that runs a submission.
    seed: of the hidden rates and inputs; None draws one from the operating system for every grading. Give one to replay
    a grading, and not to training runs: what is the same every time can be learnt.
    """

    exercise: str = "dropout"
    options: Mapping[str, Any] = field(default_factory=dict)
    require_explanation: bool = False
    feedback: str = "full"
    evidence: str = "all"
    timeout_s: float = 30.0  # the lesson takes about 5 s on two cores; six times that on a busy machine
    memory_mib: int = 4096  # address space, not memory: threads and matplotlib reserve much more than they touch
    seed: int | None = None
    execute: str = "full"
    isolation: str = "auto"
    task: Path | None = None
    jobs: int = 1

    def __post_init__(self) -> None:
        _require(0 < self.timeout_s < 86_400, f"timeout_s: seconds, more than 0, got {self.timeout_s}")
        _require(self.memory_mib >= 256, f"memory_mib: numpy alone needs 256, got {self.memory_mib}")
        _require(self.seed is None or 0 <= self.seed < 2**128, f"seed: 0 to 2**128 - 1, got {self.seed}")
        _require(self.execute in EXECUTE, f"execute: one of {', '.join(EXECUTE)}, got {self.execute!r}")
        _require(self.isolation in ISOLATION, f"isolation: one of {', '.join(ISOLATION)}, got {self.isolation!r}")
        _require(self.feedback in FEEDBACK, f"feedback: one of {', '.join(FEEDBACK)}, got {self.feedback!r}")
        _require(self.evidence in EVIDENCE, f"evidence: one of {', '.join(EVIDENCE)}, got {self.evidence!r}")
        _require(self.jobs >= 1, f"jobs: at least 1, got {self.jobs}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
