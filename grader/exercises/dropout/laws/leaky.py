"""Dropped elements become s·c·x in place of zero: Var[y] = s² (q + p c²) Var[x] for zero-mean x."""

from __future__ import annotations

from grader.exercises.dropout.laws.record import Affine, Check, Code, Law, Slip

LEAKS = "{x} * np.where({mask}, 1.0, {t}) * {scale}"


def form(p: float, c: float) -> Affine:
    """s = (q + p c²)^(-1/2)"""
    s = (1 - p + p * c * c) ** -0.5
    return Affine(s, leak=s * c)


def with_scale(s: float, c: float) -> Affine:
    return Affine(s, leak=s * c)


LAWS = (
    Law(
        name="leaky",
        form=form,
        code=Code("1.0 / np.sqrt({q} + {p} * {t} ** 2)", output=LEAKS),
        slips=(
            Slip(
                "leak ignored in the scale",
                lambda p, t: with_scale((1 - p) ** -0.5, t),
                Code("1.0 / np.sqrt({q})", output=LEAKS),
                "At p = {p:g} and leak = {t:g} kept elements are multiplied by {r:.5g}, whatever the leak: do dropped "
                "elements have no part in the variance?",
            ),
            Slip(
                "inverted dropout, with a leak",
                lambda p, t: with_scale(1 / (1 - p), t),
                Code("1.0 / {q}", output=LEAKS),
                "At p = {p:g} and leak = {t:g} kept elements are multiplied by {r:.5g}, as in ordinary inverted "
                "dropout.",
            ),
            Slip(
                "mean kept",
                lambda p, t: with_scale(1 / (1 - p + p * t), t),
                Code("1.0 / ({q} + {p} * {t})", output=LEAKS),
                "At p = {p:g} and leak = {t:g} kept elements are multiplied by {r:.5g}: this keeps E[y]. Is it the "
                "mean that is to be kept?",
            ),
            Slip(
                "leak not scaled",
                lambda p, t: Affine((1 - p + p * t * t) ** -0.5, leak=t),
                Code("1.0 / np.sqrt({q} + {p} * {t} ** 2)", output="{x} * np.where({mask}, {scale}, {t})"),
                "Kept elements are as they should be, dropped ones are not: what does R6 say they become?",
            ),
            Slip(
                "no leak",
                lambda p, t: Affine((1 - p + p * t * t) ** -0.5),
                Code("1.0 / np.sqrt({q} + {p} * {t} ** 2)"),
                "Dropped elements are zero: what does R6 say they become?",
            ),
        ),
        statement="for zero-mean x, Var[y] = Var[x], the variance being taken over x and the mask together",
        summary="Var[y] = Var[x] for zero-mean x, what leaks through counted in",
        check=Check("rng.standard_normal(n)", ("np.var(y) / np.var(x)",), at=(0.0,)),
        symptom="Where the leak is not zero, the variance of its output is not that of its input: at p = 0.3 and "
        "leak = 0.9 it is 35 % too large.",
        argument="leak",
        meaning="c, the part of a dropped element that leaks through, with |c| < 1",
        draw=lambda dice: dice.choice((-1, 1)) * dice.uniform(0.1, 0.9),
        dropped="becomes s·c·x, with c = `leak`, in place of zero,",
    ),
)
