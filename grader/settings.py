"""Everything that can be set, in one frozen dataclass; each field is an option of ``python -m grader grade``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

INPUTS = ("normal", "uniform", "laplace", "rademacher", "student_t", "shifted")
EXECUTE = ("full", "none")
ISOLATION = ("auto", "required", "none")
FEEDBACK = ("full", "terse")


@dataclass(frozen=True)
class Settings:
    """How submissions are judged. Raises ``ValueError`` for a value that cannot be meant.

    rates, tolerance: the published dropping probabilities and the relative error of the variance allowed there.
    inputs: distributions of the probe inputs for the variance rule, each scaled to unit variance.
    feedback: "full" teaches; "terse", for training runs, names the rules that failed and no measured value.
    timeout_s, memory_mib: limits of each process that runs a submission.
    seed: of the hidden rates and inputs; None draws one from the operating system for every grading. Give one to replay
    a grading, and not to training runs: what is the same every time can be learnt.
    """

    rates: tuple[float, ...] = (0.3, 0.5, 0.7)
    tolerance: float = 0.10
    inputs: tuple[str, ...] = ("normal",)
    require_explanation: bool = False
    feedback: str = "full"
    timeout_s: float = 30.0  # the lesson takes about 5 s on two cores; six times that on a busy machine
    memory_mib: int = 4096  # address space, not memory: threads and matplotlib reserve much more than they touch
    seed: int | None = None
    execute: str = "full"
    isolation: str = "auto"
    task: Path | None = None
    jobs: int = 1

    def __post_init__(self) -> None:
        _require(bool(self.rates), "rates: give at least one dropping probability, such as 0.3")
        for p in self.rates:
            # beyond 0.95 too few elements survive in one call to measure their scale
            _require(0.01 <= p <= 0.95, f"rates: a dropping probability from 0.01 to 0.95, got {p}")
        _require(len(set(self.rates)) == len(self.rates), f"rates: each rate once, got {self.rates}")
        _require(
            math.isfinite(self.tolerance) and 0 < self.tolerance < 1,
            f"tolerance: a relative error between 0 and 1, such as 0.1, got {self.tolerance}",
        )
        _require(bool(self.inputs), f"inputs: give at least one of {', '.join(INPUTS)}")
        for name in self.inputs:
            _require(name in INPUTS, f"inputs: {name!r} is none of {', '.join(INPUTS)}")
        _require(0 < self.timeout_s < 86_400, f"timeout_s: seconds, more than 0, got {self.timeout_s}")
        _require(self.memory_mib >= 256, f"memory_mib: numpy alone needs 256, got {self.memory_mib}")
        _require(self.seed is None or 0 <= self.seed < 2**128, f"seed: 0 to 2**128 - 1, got {self.seed}")
        _require(self.execute in EXECUTE, f"execute: one of {', '.join(EXECUTE)}, got {self.execute!r}")
        _require(self.isolation in ISOLATION, f"isolation: one of {', '.join(ISOLATION)}, got {self.isolation!r}")
        _require(self.feedback in FEEDBACK, f"feedback: one of {', '.join(FEEDBACK)}, got {self.feedback!r}")
        _require(self.jobs >= 1, f"jobs: at least 1, got {self.jobs}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
