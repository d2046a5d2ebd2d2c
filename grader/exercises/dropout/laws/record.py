"""What a law is: what becomes of a kept and of a dropped element, how it is said, and how it is missed.

Notation: p is the probability of dropping, q = 1-p, t the law's own parameter θ, which the layer is given when it is
made. Everything is dimensionless.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Affine(NamedTuple):
    """A kept element x becomes ``scale``·x + ``plus``, a dropped one ``leak``·x + ``rest``."""

    scale: float
    plus: float = 0.0
    leak: float = 0.0
    rest: float = 0.0

    @property
    def plain(self) -> bool:
        """Is a dropped element zero, and a kept one x·scale?"""
        return not (self.plus or self.leak or self.rest)


ZERO = "becomes exactly zero"
Form = Callable[[float, float], Affine]  # of p and θ


@dataclass(frozen=True)
class Code:
    """The lines in which a law, or a mistake, is written. ``{q}``, ``{p}``, ``{t}``, ``{x}``, ``{mask}`` and
    ``{scale}`` stand for what these are called in the layer; ``before``: lines before that of the scale."""

    scale: str
    before: tuple[str, ...] = ()
    output: str = "{x} * {mask} * {scale}"


@dataclass(frozen=True)
class Slip:
    """A known mistake: a layer that follows ``form`` in place of the law's, and what its author is told. The sentence
    may name ``{p}``, ``{t}``, the number ``{r}`` by which kept elements are multiplied, and nothing that is hidden."""

    name: str
    form: Form
    code: Code
    sentence: str


@dataclass(frozen=True)
class Check:
    """What a visible test measures: inputs from ``rng``, ``n`` and ``t``, and numbers of ``x``, ``y`` and ``t`` that
    are 1 for a right layer, to ``tolerance``; ``at``: the values of θ that it tries. Python, in one expression each."""

    inputs: str
    numbers: tuple[str, ...]
    at: tuple[float, ...] = (0.0,)
    tolerance: float = 0.05  # five standard errors or more of a million numbers


@dataclass(frozen=True)
class Law:
    """One law. The first of its ``slips`` is the one that is planted.

    ``statement``: the rule that fixes the scale (R8) as a prompt has it, in Markdown, and ``summary`` the same in few
    words; ``meaning``: what the argument is. ``argument``: of the constructor, empty if there is none, with its
    ``default``; ``draw`` gives a θ for one layer. ``dropped``: what R6 says of a dropped element; ``kept``: what R7
    says of a kept one, and ``fixed``: what the law fixes. ``symptom``: what its user saw of the planted mistake.
    """

    name: str
    form: Form
    code: Code
    slips: tuple[Slip, ...]
    statement: str
    summary: str
    check: Check
    symptom: str
    argument: str = ""
    default: float = 0.0
    meaning: str = ""
    draw: Callable[[random.Random], float] = lambda dice: 0.0
    dropped: str = ZERO
    kept: str = "x·s, with one s for all elements and all calls"
    fixed: str = "s"

    def theta(self, dice: random.Random) -> float:
        """θ for one layer, as many digits of it as a person would type."""
        return round(self.draw(dice), 6)


def scaled(scale: Callable[[float, float], float]) -> Form:
    """Kept elements become x·scale(p, θ), dropped ones zero."""
    return lambda p, t: Affine(scale(p, t))
