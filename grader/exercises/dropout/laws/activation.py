"""x = f(z) with z standard normal: the law of a known mean, with ρ² = E[f]²/Var[f] of this f.

Four functions are held out for evaluation: no level that is trained on uses them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from grader.exercises.dropout.laws.base import INVERTED
from grader.exercises.dropout.laws.record import Check, Code, Law, Slip, scaled

PI, E = math.pi, math.e
GELU_MEAN_SQUARED = 1 / (4 * PI)
GELU_SQUARE = 1 / 3 + 1 / (2 * math.sqrt(3) * PI)


@dataclass(frozen=True)
class Function:
    """f as text, E[f]²/Var[f] in closed form and as code, inputs f(z) as code, and what else is to be said of f."""

    name: str
    shown: str
    squared_ratio: float
    code: str
    inputs: str
    where: str = ""


TRAINED = (
    Function("relu", "max(z, 0)", 1 / (PI - 1), "1.0 / (math.pi - 1.0)", "np.maximum(rng.standard_normal(n), 0.0)"),
    Function("abs", "|z|", 2 / (PI - 2), "2.0 / (math.pi - 2.0)", "np.abs(rng.standard_normal(n))"),
    Function("square", "z²", 1 / 2, "0.5", "rng.standard_normal(n) ** 2"),
    Function("relu squared", "max(z, 0)²", 1 / 5, "0.2", "np.maximum(rng.standard_normal(n), 0.0) ** 2"),
)
HELD_OUT = (
    Function("exp", "exp(z)", 1 / (E - 1), "1.0 / (math.e - 1.0)", "np.exp(rng.standard_normal(n))"),
    Function(
        "gelu",
        "z·Φ(z)",
        GELU_MEAN_SQUARED / (GELU_SQUARE - GELU_MEAN_SQUARED),
        "1.0 / (4.0 * math.pi / 3.0 + 2.0 / math.sqrt(3.0) - 1.0)",
        "(lambda z: z * np.array([0.5 * math.erfc(-v / math.sqrt(2.0)) for v in z]))(rng.standard_normal(n))",
        ", Φ being the standard normal distribution function",
    ),
    Function(
        "cos",
        "cos(z)",
        math.exp(-1) / ((1 + math.exp(-2)) / 2 - math.exp(-1)),
        "2.0 / (math.e + math.exp(-1.0) - 2.0)",
        "np.cos(rng.standard_normal(n))",
    ),
    Function(
        "maximum",
        "max(z, z′)",
        1 / (PI - 1),
        "1.0 / (math.pi - 1.0)",
        "np.maximum(rng.standard_normal(n), rng.standard_normal(n))",
        ", z′ being another standard normal number, independent of z",
    ),
)


def scale(squared_ratio: float) -> Callable[[float, float], float]:
    return lambda p, t: 1 / math.sqrt((1 - p) * (1 + p * squared_ratio))


def law(f: Function) -> Law:
    tolerance = 0.12 if f.name == "exp" else 0.05  # heavy tails
    rounded = float(f"{f.squared_ratio:.3g}") if f.squared_ratio not in (0.5, 0.2) else f.squared_ratio + 0.001
    second = f.squared_ratio / (1 + f.squared_ratio)
    return Law(
        name=f"activation: {f.name}",
        form=scaled(scale(f.squared_ratio)),
        code=Code("1.0 / np.sqrt({q} * (1.0 + {p} * rho2))", before=(f"rho2 = {f.code}",)),
        slips=(
            Slip(
                "zero mean assumed",
                scaled(lambda p, t: (1 - p) ** -0.5),
                Code("1.0 / np.sqrt({q})"),
                "At p = {p:g} kept elements are multiplied by {r:.5g}, as it would be right for a mean of zero. "
                "What is the mean "
                f"of {f.shown}?",
            ),
            INVERTED,
            Slip(
                "a constant of three digits",
                scaled(scale(rounded)),
                Code(f"1.0 / np.sqrt({{q}} * (1.0 + {rounded!r} * {{p}}))"),
                "At p = {p:g} kept elements are multiplied by {r:.7g}, which is nearly right: is a number "
                "measured, or rounded?",
            ),
            Slip(
                "the mean's share of the second moment",
                scaled(scale(second)),
                Code("1.0 / np.sqrt({q} * (1.0 + {p} * rho2 / (1.0 + rho2)))", before=(f"rho2 = {f.code}",)),
                "At p = {p:g} kept elements are multiplied by {r:.5g}: have you taken the second moment of x "
                "for its variance?",
            ),
        ),
        statement=(
            f"for x = f(z), where z is standard normal and f(z) = {f.shown}{f.where}, Var[y] = Var[x], the variance "
            "being taken over x and the mask together"
        ),
        summary=f"Var[y] = Var[x] for x = {f.shown}",
        check=Check(f.inputs, ("np.var(y) / np.var(x)",), tolerance=tolerance),
        symptom=f"After the activation {f.shown} the variance of its output is too large: at p = 0.3 "
        f"by {30 * f.squared_ratio:.0f} %.",
    )


LAWS = tuple(law(f) for f in TRAINED)
HELD_OUT_LAWS = tuple(law(f) for f in HELD_OUT)
