from __future__ import annotations

import math

import numpy as np
import pytest

from grader.exercise import masks, probes, theory
from grader.exercise.probes import verdict_plan
from grader.sandbox import worker

RATES = (0.3, 0.5, 0.7)


def test_one_seed_gives_one_plan() -> None:
    one, two, other = (verdict_plan(seed, RATES, ("normal",)) for seed in (1, 1, 2))
    assert one.operations == two.operations
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one.arrays, two.arrays, strict=True))
    assert one.rates != other.rates


def test_the_layers_randomness_tells_nothing_of_the_hidden_rates() -> None:
    """Two streams of one seed: equal layer seeds whatever is drawn for the inputs."""
    plain, more = (verdict_plan(9, RATES, inputs) for inputs in (("normal",), ("normal", "uniform")))
    seeds = [[op[3] for op in plan.operations if op[0] == "new" and op[1] > 0] for plan in (plain, more)]
    assert seeds[0] == seeds[1][: len(seeds[0])]


def test_fresh_rates_keep_away_from_the_published_ones() -> None:
    for seed in range(200):
        fresh = verdict_plan(seed, RATES, ("normal",)).rates[3:]
        for p, (low, high) in zip(fresh, probes.FRESH_STRATA, strict=True):
            assert low <= p <= high
            assert min(abs(p - published) for published in RATES) > 0.03


def test_the_child_makes_the_same_arrays_as_the_grader() -> None:
    plan = verdict_plan(3, RATES, tuple(theory.INPUT_MEAN))
    arrays = list(plan.arrays)
    for group in plan.calls.values():
        for call in group:
            here, there = call.view.of(plan.arrays), worker.take(arrays, call.view.encoded())
            assert here.dtype == there.dtype
            assert here.strides == there.strides or not here.size
            assert np.array_equal(here, there, equal_nan=True)


def test_no_probe_input_holds_a_zero() -> None:
    """But the one in which everything special is gathered, for evaluation."""
    special, *others = sorted(verdict_plan(4, RATES, tuple(theory.INPUT_MEAN)).arrays, key=lambda a: -np.isnan(a).sum())
    assert np.array_equal(special, probes.SPECIAL, equal_nan=True)
    assert all(np.abs(array).min() > 0 for array in others)


@pytest.mark.parametrize(("k", "n", "q"), [(0, 100, 0.3), (100, 100, 0.3), (31, 100, 0.3), (5, 256, 0.1)])
def test_kl_bound_is_above_the_exact_binomial_tail(k: int, n: int, q: float) -> None:
    """Chernoff: P(a count at least as far out on that side) ≤ exp(-n·KL)."""
    side = range(k + 1) if k <= n * q else range(k, n + 1)
    tail = sum(math.comb(n, j) * q**j * (1 - q) ** (n - j) for j in side)
    assert tail <= math.exp(-float(masks.kl(k, n, q))) * (1 + 1e-9)
