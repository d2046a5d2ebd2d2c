"""The closed forms against simulation, and the numbers that the documents state."""

from __future__ import annotations

import math

import numpy as np
import pytest

from grader.exercises.dropout import theory
from grader.exercises.dropout.exact import Coins
from grader.exercises.dropout.measurement import measure
from grader.exercises.dropout.plan import Call, View
from grader.exercises.dropout.public import draw_inputs


@pytest.mark.parametrize("name", theory.INPUT_MEAN)
@pytest.mark.parametrize("p", [0.3, 0.7])
def test_variance_ratio_is_what_a_simulation_gives(name: str, p: float) -> None:
    rng = np.random.default_rng(5)
    n = 2_000_000
    x = draw_inputs(name, rng, n)
    s = theory.inverted_scale(p)
    y = s * (rng.random(n) < 1 - p) * x
    assert y.var() / x.var() == pytest.approx(theory.variance_ratio(p, s, theory.INPUT_MEAN[name]), rel=0.01)


@pytest.mark.parametrize("name", theory.INPUT_MEAN)
def test_inputs_have_unit_variance_and_no_zero(name: str) -> None:
    x = draw_inputs(name, np.random.default_rng(6), 1_000_000)
    assert x.var() == pytest.approx(1.0, abs=0.02)
    assert x.mean() == pytest.approx(theory.INPUT_MEAN[name], abs=0.01)
    assert np.isfinite(x).all()
    assert np.abs(x).min() > 0


def test_the_standard_error_is_the_spread_over_masks_and_the_closed_form() -> None:
    """Given x, Σy²/Σx² has the standard error √(κ p/(q n)) for s = 1/√q, κ the sample's own kurtosis."""
    rng = np.random.default_rng(7)
    p, n = 0.3, 2_000
    x = rng.standard_normal(n)
    kurtosis = float((x**4).mean() / (x**2).mean() ** 2)
    s = theory.stable_scale(p)
    call = Call(0, 0, 0, p, View(0, 0, (n,)))
    masks = [rng.random(n) < 1 - p for _ in range(4_000)]
    measured = [measure([Coins(call, x, s * m * x, m, None, n, int(m.sum()), 1.0, 1.0)]) for m in masks]
    closed = (kurtosis * p / ((1 - p) * n)) ** 0.5
    assert np.std([m.power_ratio for m in measured]) == pytest.approx(closed, rel=0.05)
    assert np.mean([m.standard_error for m in measured]) == pytest.approx(closed, rel=0.02)
    # as EXERCISE states it: 0.0036 at p = 0.3, κ = 3, n = 100,000
    assert (3.0 * p / ((1 - p) * 100_000)) ** 0.5 == pytest.approx(0.0036, abs=5e-5)


def test_the_planted_bug_inflates_the_variance_by_43_percent() -> None:
    assert theory.variance_ratio(0.3, theory.inverted_scale(0.3)) - 1 == pytest.approx(0.42857, abs=1e-5)
    assert theory.variance_ratio(0.5, theory.inverted_scale(0.5)) == pytest.approx(2.0)
    assert theory.variance_ratio(0.7, theory.inverted_scale(0.7)) == pytest.approx(10 / 3)
    assert theory.variance_ratio(0.3, theory.stable_scale(0.3)) == pytest.approx(1.0)


def test_a_mean_brings_the_variance_back() -> None:
    """N(10, 1) at p = 0.75: mean 5 and variance 76; inverted dropout 10 and 304."""
    p = 0.75
    assert theory.stable_scale(p) * (1 - p) * 10 == pytest.approx(5.0)
    assert theory.variance_ratio(p, theory.stable_scale(p), 10.0) == pytest.approx(76.0)
    assert theory.variance_ratio(p, theory.inverted_scale(p), 10.0) == pytest.approx(304.0)


def test_scales_agree_where_nothing_is_dropped() -> None:
    assert theory.stable_scale(0.0) == theory.inverted_scale(0.0) == 1.0
    assert math.isclose(theory.stable_scale(0.3) ** 2, theory.inverted_scale(0.3))
