"""E[|y|^k] = E[|x|^k]: s^k q = 1."""

from __future__ import annotations

from grader.exercises.dropout.laws.base import INVERTED
from grader.exercises.dropout.laws.record import Check, Code, Law, Slip, scaled

LAWS = (
    Law(
        name="moment",
        form=scaled(lambda p, k: (1 - p) ** (-1 / k)),
        code=Code("{q} ** (-1.0 / {t})"),
        slips=(
            Slip(
                "the second moment",
                scaled(lambda p, k: (1 - p) ** -0.5),
                Code("1.0 / np.sqrt({q})"),
                "At p = {p:g} and order = {t:g} kept elements are multiplied by {r:.5g}, whatever the order: this "
                "keeps the second moment.",
            ),
            INVERTED,
            Slip(
                "exponent upside down",
                scaled(lambda p, k: (1 - p) ** (-k / 4)),
                Code("{q} ** (-{t} / 4.0)"),
                "At p = {p:g} and order = {t:g} kept elements are multiplied by {r:.5g}: it is right for the second "
                "moment, and grows with the order. Should it?",
            ),
            Slip(
                "the root of the moment, twice",
                scaled(lambda p, k: (1 - p) ** (-1 / (2 * k))),
                Code("{q} ** (-0.5 / {t})"),
                "At p = {p:g} and order = {t:g} kept elements are multiplied by {r:.5g}: which moment does that keep?",
            ),
        ),
        statement=(
            "whatever the distribution of x, E[|y|ᵏ] = E[|x|ᵏ] with k = `order`, the mean being taken over x and the "
            "mask together"
        ),
        summary="E[|y|^k] = E[|x|^k], k = `order`",
        check=Check("rng.standard_normal(n)", ("np.mean(np.abs(y) ** t) / np.mean(np.abs(x) ** t)",), at=(2.0,)),
        symptom="It is to keep the k-th moment, and keeps another: at p = 0.3 and order = 4 the fourth is 43 % too "
        "large.",
        argument="order",
        default=2.0,
        meaning="k, the order of the moment that is kept, a number from 1.2 to 6",
        draw=lambda dice: dice.uniform(1.2, 6.0),
    ),
)
