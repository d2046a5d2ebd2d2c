"""Var[y] = Var[x] for zero-mean x: s² q σ² = σ². And the mean, which ordinary inverted dropout keeps: s q μ = μ."""

from __future__ import annotations

from grader.exercises.dropout.laws.record import Check, Code, Law, Slip, scaled

INVERTED = Slip(
    "inverted dropout",
    scaled(lambda p, t: 1 / (1 - p)),
    Code("1.0 / {q}"),
    "This is ordinary inverted dropout, which keeps the mean: at p = {p:g} kept elements are multiplied by {r:.5g}. "
    "Is the mean what this layer promises to keep?",
)
ROOT = Slip(
    "the root of inverted dropout",
    scaled(lambda p, t: (1 - p) ** -0.5),
    Code("1.0 / np.sqrt({q})"),
    "At p = {p:g} kept elements are multiplied by {r:.5g}: this keeps the second moment, E[y²]. Is that what this "
    "layer promises to keep?",
)
NO_SCALE = Slip(
    "no scale",
    scaled(lambda p, t: 1.0),
    Code("1.0"),
    "Kept elements go through as they are. Something must make up for those that are lost.",
)
OTHERS = (
    Slip(
        "root of p",
        scaled(lambda p, t: p**-0.5),
        Code("1.0 / np.sqrt(max({p}, 1e-300))"),
        "At p = {p:g} kept elements are multiplied by {r:.5g}: which of the two probabilities stands under the root?",
    ),
    Slip(
        "upside down",
        scaled(lambda p, t: (1 - p) ** 0.5),
        Code("np.sqrt({q})"),
        "At p = {p:g} kept elements shrink to {r:.5g}. Dropping has lost power already: should they shrink or grow?",
    ),
    Slip(
        "the factor of test time",
        scaled(lambda p, t: 1 - p),
        Code("{q}"),
        "At p = {p:g} kept elements shrink to {r:.5g}, the factor that the original paper applies at test time.",
    ),
    NO_SCALE,
)

BASE = Law(
    name="variance",
    form=scaled(lambda p, t: (1 - p) ** -0.5),
    code=ROOT.code,
    slips=(INVERTED, *OTHERS),
    statement="for zero-mean x, Var[y] = Var[x], the variance being taken over x and the mask together",
    summary="Var[y] = Var[x] for zero-mean x",
    check=Check("rng.standard_normal(n)", ("np.var(y) / np.var(x)",)),
    symptom="The variance of its output is not that of its input: at p = 0.3 it is 43 % too large.",
)
MEAN = Law(
    name="mean",
    form=INVERTED.form,
    code=INVERTED.code,
    slips=(ROOT, *OTHERS),
    statement="whatever the distribution of x, E[y] = E[x], the mean being taken over x and the mask together",
    summary="E[y] = E[x]",
    check=Check("1.0 + rng.standard_normal(n)", ("np.mean(y) / np.mean(x)",)),
    symptom="The mean of its output is not that of its input: at p = 0.3 it is 16 % too small.",
)
LAWS = (BASE, MEAN)
