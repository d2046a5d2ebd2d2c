"""x = max(z + a, 0) with z standard normal: the law of a known mean, with the moments of a rectified normal.

m₁ = aΦ(a) + φ(a), m₂ = (a² + 1)Φ(a) + aφ(a), ρ² = m₁²/(m₂ - m₁²).
"""

from __future__ import annotations

import math

from grader.exercises.dropout.laws.base import INVERTED
from grader.exercises.dropout.laws.record import Check, Code, Law, Slip, scaled

MOMENTS = (
    "cdf = 0.5 * math.erfc(-{t} / math.sqrt(2.0))",
    "pdf = math.exp(-0.5 * {t} ** 2) / math.sqrt(2.0 * math.pi)",
    "m1 = {t} * cdf + pdf",
    "m2 = ({t} ** 2 + 1.0) * cdf + {t} * pdf",
)


def moments(shift: float) -> tuple[float, float]:
    """E[x] and E[x²]."""
    cdf = 0.5 * math.erfc(-shift / math.sqrt(2))
    pdf = math.exp(-0.5 * shift * shift) / math.sqrt(2 * math.pi)
    return shift * cdf + pdf, (shift * shift + 1) * cdf + shift * pdf


def scale(p: float, shift: float) -> float:
    """√(v / (q (v + p m₁²))) with v = m₂ - m₁²."""
    m1, m2 = moments(shift)
    v = m2 - m1 * m1
    return math.sqrt(v / ((1 - p) * (v + p * m1 * m1)))


def second(p: float, shift: float) -> float:
    m1, m2 = moments(shift)
    return 1 / math.sqrt((1 - p) * (1 + p * m1 * m1 / m2))


LAWS = (
    Law(
        name="shifted",
        form=scaled(scale),
        code=Code("np.sqrt(v / ({q} * (v + {p} * m1 ** 2)))", before=(*MOMENTS, "v = m2 - m1 ** 2")),
        slips=(
            Slip(
                "shift ignored",
                scaled(lambda p, t: 1 / math.sqrt((1 - p) * (1 + p / (math.pi - 1)))),
                Code("1.0 / np.sqrt({q} * (1.0 + {p} / (math.pi - 1.0)))"),
                "At p = {p:g} and shift = {t:g} kept elements are multiplied by {r:.5g}, whatever the shift: it "
                "changes the mean of x and its variance.",
            ),
            Slip(
                "zero mean assumed",
                scaled(lambda p, t: (1 - p) ** -0.5),
                Code("1.0 / np.sqrt({q})"),
                "At p = {p:g} and shift = {t:g} kept elements are multiplied by {r:.5g}, as for a mean of zero.",
            ),
            INVERTED,
            Slip(
                "the mean's share of the second moment",
                scaled(second),
                Code("1.0 / np.sqrt({q} * (1.0 + {p} * m1 ** 2 / m2))", before=MOMENTS),
                "At p = {p:g} and shift = {t:g} kept elements are multiplied by {r:.5g}: have you taken the second "
                "moment of x for its variance?",
            ),
        ),
        statement=(
            "for x = max(z + a, 0), where z is standard normal and a = `shift`, Var[y] = Var[x], the variance being "
            "taken over x and the mask together"
        ),
        summary="Var[y] = Var[x] for x = max(z + `shift`, 0)",
        check=Check("np.maximum(rng.standard_normal(n) + t, 0.0)", ("np.var(y) / np.var(x)",), at=(0.0,)),
        symptom="Where the units before it have a bias, the variance of its output is not that of its input: at p = "
        "0.3 it is 29 % too large for a bias of 1.",
        argument="shift",
        meaning="a, the bias that is added before the rectification, from -1.5 to 1.5",
        draw=lambda dice: dice.uniform(-1.5, 1.5),
    ),
)
