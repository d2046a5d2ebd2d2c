"""The limits of R6: proven bounds lie above what is measured, and a grading's budgets add up to less than 1e-6."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grader.exercises.dropout import bounds, checks, coins, dependence
from grader.exercises.dropout.exact import Coins
from grader.exercises.dropout.plan import Call, View
from grader.exercises.dropout.stream import Stream

L = 4.0  # nats: an event of probability up to 1.8 %, which a simulation can see
RUNS = 20_000


def z_of(p: float, *shape: int, seed: int = 8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(((rng.random(shape) < 1 - p) - (1 - p)) / math.sqrt(p * (1 - p)))


def assert_bounded(share: float) -> None:
    """The bound holds, and is not so far away that it could hold by a mistake."""
    assert 1e-4 < share <= math.exp(-L)


def test_a_right_layer_fails_less_than_once_in_a_million() -> None:
    cross_checks = 10 * 2 * math.exp(-checks.CROSS_CHECK_NATS)  # R8, at no more rates and inputs than these
    assert sum(coins.BUDGETS) + cross_checks <= 1e-6
    for budget in coins.BUDGETS:
        tests = coins.Tests(budget)
        assert sum(tests.share(name) for name in coins.SHARES) == pytest.approx(budget)


def test_every_family_that_is_tested_has_a_share() -> None:
    with pytest.raises(KeyError):
        coins.Tests(1e-7).share("no such family")


@pytest.mark.parametrize(("k", "n", "q"), [(0, 100, 0.3), (100, 100, 0.3), (31, 100, 0.3), (5, 256, 0.1)])
def test_kl_bound_is_above_the_exact_binomial_tail(k: int, n: int, q: float) -> None:
    side = range(k + 1) if k <= n * q else range(k, n + 1)
    tail = sum(math.comb(n, j) * q**j * (1 - q) ** (n - j) for j in side)
    assert tail <= math.exp(-float(bounds.kl(k, n, q))) * (1 + 1e-4)


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.9])
def test_bernstein_bounds_a_weighted_sum(p: float) -> None:
    w = np.random.default_rng(1).standard_normal(300)
    top = max(p, 1 - p) / math.sqrt(p * (1 - p)) * float(np.abs(w).max())
    share = (z_of(p, RUNS, 300) @ w >= bounds.bernstein(float(w @ w), top, L)).mean()
    assert share <= math.exp(-L)


@pytest.mark.parametrize("p", [0.3, 0.8])
def test_freedman_bounds_products_of_coins_and_earlier_ones(p: float) -> None:
    z = z_of(p, RUNS, 400)
    s, v = (z[:, 1:] * z[:, :-1]).sum(1), (z[:, :-1] ** 2).sum(1)
    m = max(p, 1 - p) / min(p, 1 - p)
    assert_bounded(float((s >= bounds.predictable(v, m, L, 400.0)).mean()))


@pytest.mark.parametrize("lag", [1, 32, 48, 64, 128])
def test_circular_bounds_autocorrelation_of_a_ring(lag: int) -> None:
    p, width = 0.3, 256
    z = z_of(p, RUNS, width)
    s = np.abs((z * np.roll(z, lag, axis=1)).sum(1))
    ring = width // math.gcd(width, lag)
    limit = bounds.circular(np.array([p]), np.ones(1), width, L)[round(math.log2(ring)) - 1]
    share = float((s >= limit).mean())
    assert 1e-4 < share <= 2 * math.exp(-L)  # both sides


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_dispersion_is_bounded_on_both_sides(p: float) -> None:
    blocks, n = 20, 50
    s = z_of(p, RUNS, blocks, n).sum(2)
    q = (s * s / n).sum(1)
    one = np.ones((1, 1))
    above = bounds.clustered(one, blocks * one, bounds.sub_gaussian(np.array([p])), L)[0, 0]
    assert (q >= above).mean() <= math.exp(-L)
    below = blocks * bounds.regular(np.array(n * p * (1 - p)))
    score = (-q[:, None] * bounds.LOWER - below).max(1)
    assert (score >= L).mean() <= math.exp(-L) * bounds.LOWER.size


def test_what_lies_between_two_entries_of_the_tables_is_bounded_by_them() -> None:
    """``regular`` takes the larger of two neighbours, ``likeliest`` the lower one: both fall with the variance."""
    fine = np.geomspace(bounds.VARIANCES[0], 1e4, 1_500)
    for k, theta in enumerate(bounds.LOWER):
        h = np.linspace(-9, 9, 1801 if theta < 3000 else 9001)  # the cosine turns faster
        w = np.exp(-h * h / 2) / np.exp(-h * h / 2).sum()
        angle = h * np.sqrt(2 * theta / fine[:, None])
        exact = np.log(np.exp(-fine[:, None] * (1 - np.cos(angle))) @ w)
        assert (bounds.regular(fine)[:, k] >= exact - 1e-9).all()
    below = fine[fine < 300]
    assert (bounds.likeliest(below) >= np.exp(-below) * np.i0(below) - 1e-12).all()


@pytest.mark.parametrize(("n", "p"), [(10, 0.5), (50, 0.3), (400, 0.1)])
def test_no_count_is_likelier_than_its_bound(n: int, p: float) -> None:
    law = [math.comb(n, k) * (1 - p) ** k * p ** (n - k) for k in range(n + 1)]
    assert max(law) <= bounds.likeliest(np.array(n * p * (1 - p)))


def test_events_are_bounded_by_a_poisson_tail() -> None:
    rng = np.random.default_rng(2)
    count = (rng.random((RUNS, 100)) < 0.05).sum(1)
    assert_bounded(float((bounds.events(count, 5.0) >= L).mean()))


def stream_of(*shapes: tuple[int, ...]) -> Stream:
    rng = np.random.default_rng(3)
    rows = []
    for number, shape in enumerate(shapes):
        n = math.prod(shape)
        x, kept = rng.standard_normal(n), np.ones(n, bool)
        rows.append(Coins(Call(0, number, number, 0.3, View(0, 0, shape)), x, x, kept, None, n, n))
    return Stream(rows, np.eye(len(rows)))


@pytest.mark.parametrize("contrasts", [dependence._at_places, dependence._along_x])
def test_contrasts_have_no_more_energy_and_no_larger_weights_than_their_limits_reckon_with(contrasts: Any) -> None:
    stream = stream_of((1,), (2,), (3,), (40,), (6, 5), (3, 4, 2), (4, 1, 7))
    _, energies, largest = contrasts(stream)
    stream.z = np.zeros_like(stream.z)
    found, weights = np.zeros_like(energies), []
    for i in range(stream.z.size):
        stream.z[i] = 1
        s = np.array(contrasts(stream)[0])  # the weights of this coin, in the sum of its own call
        stream.z[i] = 0
        found += s * s
        weights.append(np.abs(s).max(1))
    assert (found <= np.array(energies) * (1 + 1e-5) + 1e-5).all()
    assert (np.max(weights, axis=0) <= np.array(largest) * (1 + 1e-5)).all()
    if contrasts is dependence._at_places:
        np.testing.assert_allclose(found, energies, rtol=1e-5, atol=1e-5)
