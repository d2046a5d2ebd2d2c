"""x has mean μ and standard deviation σ with μ/σ = ρ known: Var[y] = s² q (σ² + p μ²) = σ²."""

from __future__ import annotations

import math

from grader.exercises.dropout.laws.base import INVERTED
from grader.exercises.dropout.laws.record import Check, Code, Law, Slip, scaled


def scale(p: float, ratio: float) -> float:
    """(q (1 + p ρ²))^(-1/2)"""
    return 1 / math.sqrt((1 - p) * (1 + p * ratio * ratio))


LAWS = (
    Law(
        name="known mean",
        form=scaled(scale),
        code=Code("1.0 / np.sqrt({q} * (1.0 + {p} * {t} ** 2))"),
        slips=(
            Slip(
                "zero mean assumed",
                scaled(lambda p, t: (1 - p) ** -0.5),
                Code("1.0 / np.sqrt({q})"),
                "At p = {p:g} and ratio = {t:g} kept elements are multiplied by {r:.5g}, whatever the ratio. Is the "
                "square of the mean a part of the variance of x? And of y?",
            ),
            INVERTED,
            Slip(
                "p and q exchanged",
                scaled(lambda p, t: ((1 - p) * (1 + (1 - p) * t * t)) ** -0.5),
                Code("1.0 / np.sqrt({q} * (1.0 + {q} * {t} ** 2))"),
                "At p = {p:g} and ratio = {t:g} kept elements are multiplied by {r:.5g}: put p = 0 into your formula.",
            ),
            Slip(
                "ratio not squared",
                scaled(lambda p, t: ((1 - p) * (1 + p * t)) ** -0.5),
                Code("1.0 / np.sqrt({q} * (1.0 + {p} * {t}))"),
                "At p = {p:g} and ratio = {t:g} kept elements are multiplied by {r:.5g}: what would a negative "
                "mean change?",
            ),
        ),
        statement=(
            "for x whose elements have a mean μ and a standard deviation σ > 0 with μ/σ = `ratio`, Var[y] = Var[x], "
            "the variance being taken over x and the mask together"
        ),
        summary="Var[y] = Var[x] where mean/sd of x is `ratio`",
        check=Check("rng.standard_normal(n) + t", ("np.var(y) / np.var(x)",)),
        symptom="Where the inputs have a mean, the variance of its output is too large: at p = 0.3 and mean/sd = 3, "
        "3.7 times that of its input.",
        argument="ratio",
        meaning="the mean of the elements of x over their standard deviation, a number that is not negative",
        draw=lambda dice: dice.uniform(0.3, 3.0),
    ),
)
