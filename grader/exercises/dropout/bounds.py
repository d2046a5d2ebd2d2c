"""Limits that a right layer's statistic exceeds with probability ≤ exp(-L) at most: every one is proven, none is a
normal approximation.

m_i are independent Bernoulli(q) coins and z_i = (m_i - q)/√(pq). Weights depend on the plan (x, positions), or on
coins that were tossed *before*, which is as good:

- ``kl``: P(n·KL(k/n ‖ q) ≥ L on one side) ≤ exp(-L) for every n and q (Chernoff 1952, Hoeffding 1963);
- ``bernstein``: for S = Σ w_i z_i with V = Σ w_i² and \\|w_i z_i\\| ≤ M, ln E exp(θS) ≤ V (exp(θM) - 1 - θM)/M²
  (Bennett 1962), and Bernstein's closed form of the best θ;
- ``predictable``: the same where the weights are made of earlier coins and V is what was seen: exp(θS - ψ(θ)V) has
  expectation ≤ 1 for every θ that was fixed beforehand (Freedman 1975);
- ``circular``: S = Σ z_i z_{i+k} over rows that are closed to rings. A ring of n coins falls into gcd(n, k) rings of
  neighbours, and E exp(θS) over a ring of g coins is the trace of the g-th power of a 2×2 matrix: exact;
- ``clustered``: Q = Σ S_b²/n_b over disjoint blocks. z is sub-Gaussian with variance factor g (Kearns and Saul 1998),
  so that E exp(θ S²/n) ≤ (1 - 2θg)^(-1/2);
- ``regular``: the same from below. exp(-θc²) is the mean of cos(h·c·√(2θ)) over a standard normal h, and a binomial
  count's characteristic function has \\|φ(u)\\| ≤ exp(-v(1 - cos u)), v = npq: a number from a table;
- ``likeliest``: P(a count has a given value) ≤ exp(-v)·I₀(v), by the same inequality;
- ``events``: so many events, each of probability ≤ its bound whatever came before: ln E exp(θN) ≤ (e^θ - 1)Σ bounds.

A test of ``tests`` two-sided statistics with a budget has L = ln(2·tests/budget): union bound.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ROUNDING = 1.002  # for sums of single precision, a limit is so much further away
RESOLUTION = 2.0**-23  # by so much a coin's probability may be off: single precision's uniform numbers have 24 bits
THETAS = 0.5 / np.geomspace(1.05, 100, 14)  # towards 1/2; each gives a valid limit, and the smallest is taken
LOWER = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0, 100.0, 1000.0, 10_000.0])
VARIANCES = np.geomspace(0.5, 3e5, 160)


def nats(budget: float, tests: int) -> float:
    """L for so many two-sided tests, which together may fail a right layer with probability ``budget``."""
    return math.log(2 * max(1, tests) / budget)


def kl(k: Any, n: Any, q: Any) -> Any:
    """n·KL(k/n ‖ q) from the nearest probability that coins of a coarse resolution may have."""
    k, n, q = (np.asarray(value, dtype=np.float64) for value in (k, n, q))
    f = k / np.maximum(n, 1)
    q = np.clip(np.clip(f, q - RESOLUTION, q + RESOLUTION), 1e-300, 1 - 1e-16)
    kept = np.where(f > 0, f * np.log(np.maximum(f, 1e-300) / q), 0)
    dropped = np.where(f < 1, (1 - f) * np.log(np.maximum(1 - f, 1e-300) / (1 - q)), 0)
    return n * np.maximum(kept + dropped, 0)


def bernstein(v: Any, m: Any, L: float) -> Any:
    third = L * m / 3
    return third + np.sqrt(third * third + 2 * L * v)


def predictable(v: Any, m: float, L: float, expected: Any) -> Any:
    """``expected``: about what V will be, known from the plan; θ is the best for it."""
    theta = np.minimum(np.sqrt(2 * L / np.maximum(expected, 1.0)), 1.5 / m)
    psi = (np.expm1(theta * m) - theta * m) / (m * m)
    return (L + psi * v) / theta


def circular(p: Array, rows: Any, width: int, L: float) -> Array:
    """Limits of \\|S\\| for so many ``rows`` of ``width`` coins, a power of two, for each entry of ``p``; by the length
    of the rings into which a lag cuts a row: 2, 4, … ``width``."""
    lengths = 2.0 ** np.arange(1, round(math.log2(width)) + 1)
    best = math.sqrt(2 * L / (width * np.sum(rows)))
    theta = best * np.array([0.7, 0.85, 1.0, 1.15])
    theta = np.concatenate([theta, -theta])[:, None]
    q = 1 - p
    # D^½ exp(θ v vᵀ) D^½ with v = (√(p/q), -√(q/p)) and D = (q, p); its eigenvalues by trace and determinant
    a, b, c = q * np.exp(theta * p / q), p * np.exp(theta * q / p), q * p * np.exp(-2 * theta)
    root = np.sqrt((a - b) ** 2 + 4 * c)
    first, second = (a + b + root) / 2, (a + b - root) / 2
    each = lengths[:, None, None]
    log_trace = each * np.log(first) + np.log1p((second / first) ** each)
    total = (width / each * log_trace) @ rows  # ring length, θ
    limits: Array = ((L + total) / np.abs(theta[:, 0])).reshape(len(lengths), 2, -1).min(2).max(1)
    return limits


def sub_gaussian(p: Array) -> Array:
    """Kearns and Saul's variance factor of z: (1 - 2p)/(2 ln((1-p)/p))/(pq), and 1 at p = 1/2."""
    d = 1 - 2 * p
    near = np.abs(d) < 1e-4
    safe = np.where(near, 0.25, p)
    factor: Array = (1 - 2 * safe) / (2 * np.log((1 - safe) / safe)) / (safe * (1 - safe))
    return np.where(near, 1.0 + d * d, factor)


def clustered(pockets: Array, blocks: Array, g: Array, L: float) -> Array:
    """Upper limits of Q: ``pockets`` (pocket, call) of 0 and 1, ``blocks`` (call, kind): how many in each call."""
    inside = 1 - 2 * THETAS * g[:, None]
    each = np.where(inside > 0, -0.5 * np.log(np.maximum(inside, 1e-300)), 1e12)  # call, θ
    total = pockets @ (blocks[:, :, None] * each[:, None, :]).reshape(len(g), -1)
    limits: Array = ((L + total.reshape(len(pockets), blocks.shape[1], -1)) / THETAS).min(2)
    return limits


@cache
def _log_laplace() -> Array:
    """ln E_h exp(-v(1 - cos(h·√(2θ/v)))) by the trapezoid rule, which is exact here to 1e-12: (θ, v)."""
    table = np.empty((LOWER.size, VARIANCES.size))
    for row, theta in zip(table, LOWER, strict=True):  # one at a time: together they would take 60 MB
        h = np.linspace(-9, 9, 1801 if theta < 3000 else 9001)
        w = np.exp(-h * h / 2)
        w /= w.sum()
        angle = np.outer(np.sqrt(2 * theta / VARIANCES), h)
        row[:] = np.log(np.exp(-VARIANCES[:, None] * (1 - np.cos(angle))) @ w + 1e-12)
    return table


def regular(v: Array) -> Array:
    """Bounds of ln E exp(-θ z²) at θ of ``LOWER``, for standardised counts of variance ``v``: (..., θ). Between two
    entries of the table the larger holds."""
    at = np.clip(np.searchsorted(VARIANCES, v, side="right") - 1, 0, VARIANCES.size - 2)
    table = _log_laplace()
    bound = np.maximum(table[:, at], table[:, at + 1])
    return np.moveaxis(np.where(v >= VARIANCES[0], bound, 0.0), 0, -1)


@cache
def _likeliest() -> Array:
    """exp(-v)·I₀(v), which falls with v; beyond 300 by 1.01/√(2πv)."""
    low = np.minimum(VARIANCES, 300.0)
    return np.where(VARIANCES < 300, np.exp(-low) * np.i0(low), 1.01 / np.sqrt(2 * np.pi * VARIANCES))


def likeliest(v: Array) -> Array:
    """Bounds of the largest probability that a count of variance ``v`` has one value: the table's entry below v."""
    at = np.searchsorted(VARIANCES, v, side="right") - 1
    return np.where(at >= 0, _likeliest()[at], 1.0)


def events(count: Any, mean: Any) -> Any:
    """-ln of a bound of P(N ≥ count), where the events' bounds sum to ``mean``."""
    count, mean = np.asarray(count, dtype=np.float64), np.maximum(mean, 1e-300)
    return np.where(count > mean, count * np.log(np.maximum(count, 1e-9) / mean) - (count - mean), 0.0)
