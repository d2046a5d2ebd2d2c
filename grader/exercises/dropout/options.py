"""What a course may set of this exercise."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

INPUTS = ("normal", "uniform", "laplace", "rademacher", "student_t", "shifted")


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


@dataclass(frozen=True)
class Options:
    """``rates``, ``tolerance``: the published dropping probabilities and the relative error of the variance allowed
    there; ``inputs``: distributions of the inputs for the variance rule, each scaled to unit variance.

    Raises ``ValueError`` for a value that cannot be meant.
    """

    rates: tuple[float, ...] = field(
        default=(0.3, 0.5, 0.7),
        metadata={"parse": _numbers, "metavar": "P,P,…", "help": "published rates of dropping", "told": True},
    )
    tolerance: float = field(
        default=0.10,
        metadata={"parse": float, "metavar": "X", "help": "relative error of the variance that passes", "told": True},
    )
    inputs: tuple[str, ...] = field(
        default=("normal",),
        metadata={"parse": _words, "metavar": "NAME,…", "help": f"input distributions: {', '.join(INPUTS)}"},
    )

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


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
