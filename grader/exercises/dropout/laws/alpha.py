"""Alpha dropout: dropped elements become v, then all of them a·z + b, which keeps mean 0 and variance 1.

z has mean p v and variance q (1 + p v²): a = (q (1 + p v²))^(-1/2), b = -a p v. Klambauer et al. 2017 have it for SELU.
"""

from __future__ import annotations

import math

from grader.exercises.dropout.laws.record import Affine, Check, Code, Law, Slip

JOINED = "{scale} * np.where({mask}, {x}, {t}) + b"
RIGHT = "1.0 / np.sqrt({q} * (1.0 + {p} * {t} ** 2))"


def of(a: float, b: float, v: float) -> Affine:
    return Affine(a, plus=b, rest=a * v + b)


def slope(p: float, v: float) -> float:
    return 1 / math.sqrt((1 - p) * (1 + p * v * v))


def form(p: float, v: float) -> Affine:
    a = slope(p, v)
    return Affine(a, plus=-a * p * v, rest=a * (1 - p) * v)


LAWS = (
    Law(
        name="alpha",
        form=form,
        code=Code(RIGHT, output="{scale} * (np.where({mask}, {x}, {t}) - {p} * {t})"),
        slips=(
            Slip(
                "b forgotten",
                lambda p, t: of(slope(p, t), 0.0, t),
                Code(RIGHT, output="{scale} * np.where({mask}, {x}, {t})"),
                "At p = {p:g} and value = {t:g} the variance is as it should be, and the mean is not.",
            ),
            Slip(
                "a of plain dropout",
                lambda p, t: of((1 - p) ** -0.5, -((1 - p) ** -0.5) * p * t, t),
                Code("1.0 / np.sqrt({q})", output="{scale} * (np.where({mask}, {x}, {t}) - {p} * {t})"),
                "At p = {p:g} and value = {t:g} the mean is zero, as it should be; the scale is {r:.5g}, whatever the "
                "value. What is the variance of z?",
            ),
            Slip(
                "b not times a",
                lambda p, t: of(slope(p, t), -p * t, t),
                Code(RIGHT, output="{scale} * np.where({mask}, {x}, {t}) - {p} * {t}"),
                "At p = {p:g} and value = {t:g} the variance is as it should be, and the mean is not: what becomes of "
                "the mean of z when it is multiplied by a?",
            ),
            Slip(
                "p and q exchanged in b",
                lambda p, t: of(slope(p, t), -slope(p, t) * (1 - p) * t, t),
                Code(RIGHT, output="{scale} * (np.where({mask}, {x}, {t}) - {q} * {t})"),
                "At p = {p:g} and value = {t:g} the variance is as it should be, and the mean is not: which share of "
                "the elements is v?",
            ),
            Slip(
                "b added in place of subtracted",
                lambda p, t: of(slope(p, t), slope(p, t) * p * t, t),
                Code(RIGHT, output="{scale} * (np.where({mask}, {x}, {t}) + {p} * {t})"),
                "At p = {p:g} and value = {t:g} the variance is as it should be, and the mean is not: which sign?",
            ),
        ),
        statement=(
            "where the elements of x have mean 0 and variance 1, those of y have mean 0 and variance 1 too, over x and "
            "the mask together"
        ),
        summary="E[y] = 0 and Var[y] = 1 where x has mean 0 and variance 1",
        check=Check("rng.standard_normal(n)", ("np.var(y)", "1.0 + np.mean(y)"), at=(0.0,)),
        symptom="Where `value` is not zero, its output has a mean: at p = 0.3 and value = -1.76 it is -0.45.",
        argument="value",
        meaning="v, the number that a dropped element is replaced by, from -2.5 to -0.5, or 0",
        draw=lambda dice: dice.uniform(-2.5, -0.5),
        dropped="is replaced by v = `value` and becomes a·v + b,",
        kept="a·x + b, with one a and one b for all elements and all calls, kept or dropped",
        fixed="a and b",
    ),
)
