"""How often a right layer fails: an upper bound for one grading, by calculation.

Every test of R6 and the cross-check of R8 is bounded by Chernoff's inequality, P(S ≥ t) ≤ min_θ exp(-θt)·E[exp(θS)],
with the exact moment generating function, and the bounds are added up. No normal approximation is used anywhere:

- counts: P(n·KL(k/n ‖ q) ≥ t) ≤ 2 exp(-t) (Chernoff 1952, Hoeffding 1963);
- sums of independent terms (correlations of two masks, with an input, with a ramp; columns): the terms' own MGF;
- sums of a_i·a_{i+k} (autocorrelation; one call and the next): the terms depend on each other, but given what came
  before, a_{i+k} is fresh, so exp(θS - Σ ln φ(θ a_i)) has expectation ≤ 1, φ the MGF of a (as in Freedman 1975); the
  sum over i depends only on how many are kept, which the bound on counts confines;
- dispersion of counts: the exact MGF of z² for a binomial count.

R7, R4, R5 and the rest are exact: they cannot fail a right layer by chance. Rates are taken at the ends of their
strata, where the tails are heaviest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from grader.exercise import masks, probes

Array = npt.NDArray[np.float64]
LOG_MGF = Callable[[float], float]


def chernoff(log_mgf: LOG_MGF, t: float, largest: float) -> float:
    """min over 0 < θ ≤ ``largest`` of exp(log_mgf(θ) - θt); the exponent is convex in θ."""
    low, high = 0.0, largest
    for _ in range(80):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if log_mgf(a) - a * t < log_mgf(b) - b * t else (a, high)
    return math.exp(min(0.0, log_mgf(low) - low * t))


def _log_mean_exp(values: Array, weights: Array, theta: float) -> float:
    top = float((theta * values).max())
    return top + math.log(float(weights @ np.exp(theta * values - top)))


def _bernoulli(p: float) -> tuple[Array, Array]:
    """The standardised mask's two values, kept and dropped, with their probabilities."""
    q = 1.0 - p
    return np.array([math.sqrt(p / q), -math.sqrt(q / p)]), np.array([q, p])


def independent_products(p1: float, p2: float, n: int, limit: float) -> float:
    """P(|Σ a_i b_i| ≥ limit·√n) for two independent masks."""
    (a, wa), (b, wb) = _bernoulli(p1), _bernoulli(p2)
    values, weights = np.outer(a, b).ravel(), np.outer(wa, wb).ravel()
    t = limit * math.sqrt(n)
    above = chernoff(lambda theta: n * _log_mean_exp(values, weights, theta), t, 3.0)
    below = chernoff(lambda theta: n * _log_mean_exp(-values, weights, theta), t, 3.0)
    return above + below


def weighted_sum(p: float, w: Array, t: float) -> float:
    """P(|Σ w_i a_i| ≥ t)."""
    (kept, dropped), (q, _) = _bernoulli(p)

    def log_mgf(theta: float) -> float:
        return float(np.logaddexp(math.log(q) + theta * w * kept, math.log(p) + theta * w * dropped).sum())

    def log_mgf_below(theta: float) -> float:
        return log_mgf(-theta)

    largest = 60.0 / t * 2
    return chernoff(log_mgf, t, largest) + chernoff(log_mgf_below, t, largest)


def lagged_products(p: float, n: int, t: float) -> float:
    """P(|Σ a_i a_{i+k}| ≥ t) of at most n terms, for any one lag k > 0."""
    a, weights = _bernoulli(p)
    q = 1.0 - p
    # the counts of kept elements that n·KL ≤ KL_LIMIT leaves; beyond, the fraction's own test has failed
    ks = np.arange(n + 1)
    likely = ks[masks.kl(ks, n, q) <= masks.KL_LIMIT]

    def log_mgf(theta: float, sign: float) -> float:
        each = [_log_mean_exp(sign * a, weights, theta * float(v)) for v in a]
        return max(k * each[0] + (n - k) * each[1] for k in (int(likely[0]), int(likely[-1])))

    return chernoff(lambda theta: log_mgf(theta, 1.0), t, 3.0) + chernoff(lambda theta: log_mgf(theta, -1.0), t, 3.0)


def _binomial_z2(p: float, n: int, about: float = 0.0) -> tuple[Array, Array]:
    """The law of (z - about)² for a standardised binomial count z."""
    q = 1.0 - p
    k = np.arange(n + 1)
    log_choose = math.lgamma(n + 1) - np.array([math.lgamma(i + 1) + math.lgamma(n - i + 1) for i in k])
    weights = np.exp(log_choose + k * math.log(q) + (n - k) * math.log(p))
    z = (k - n * q) / math.sqrt(n * p * q)
    return np.asarray((z - about) ** 2, dtype=np.float64), weights


def dispersion(ps: Sequence[float], n: int, low: float | None, high: float | None) -> float:
    """P(Σz² ≤ low) + P(Σz² ≥ high) over one binomial count for each p."""
    laws = [_binomial_z2(p, n) for p in ps]
    total = 0.0
    if high is not None:
        total += chernoff(lambda th: sum(_log_mean_exp(v, w, th) for v, w in laws), high, 0.499)
    if low is not None:
        total += chernoff(lambda th: sum(_log_mean_exp(-v, w, th) for v, w in laws), -low, 1e4)
    return total


def regular_about_mean(p: float, n: int, c: int, low: float) -> float:
    """P(Σ(z - z̄)² ≤ low) over c counts: some point of a grid lies within ``step``/2 of z̄, which the pooled count's
    own test confines to |z̄| ≤ √(2·KL_LIMIT/c) and a little."""
    step, widest = 0.05, 1.05 * math.sqrt(2 * masks.KL_LIMIT / c)
    total = 0.0
    for about in np.arange(-widest, widest + step, step):
        values, weights = _binomial_z2(p, n, float(about))
        t = low + c * (step / 2) ** 2
        total += chernoff(lambda th, v=values, w=weights: c * _log_mean_exp(-v, w, th), -t, 1e4)  # type: ignore[misc]
    return total


def false_failure(x: Array) -> dict[str, float]:
    """The bound on P(a right layer fails one grading) under the default settings, test by test; ``x`` is an input of
    LARGE_N numbers."""
    n, c, m = probes.LARGE_N, probes.SMALL_CALLS, probes.SMALL_N
    published = (0.3, 0.5, 0.7)
    ends = [p for stratum in probes.FRESH_STRATA for p in stratum]
    rates = [*published, *ends]
    middle = [p for p in rates if masks.MIDDLE[0] < p < masks.MIDDLE[1]]
    small = (0.3, 0.62, 0.66, 0.70)
    middle_calls = 8
    plan = probes.verdict_plan(0, published, ("normal",))
    calls = len(plan.calls["large"])
    pools = len(plan.rates) + calls + len(masks.POOLED) + len(plan.calls["anywhere"])
    layers = middle_calls + sum(len(plan.calls[name]) for name in masks.OTHERS)
    z, root, w, w2 = masks.Z_LIMIT, math.sqrt(n), probes.WIDE_N, probes.WIDE_AGAIN_N
    ramp = np.linspace(-1.0, 1.0, n)
    ramp /= ramp.std()
    sized = np.abs(x) - np.abs(x).mean()
    inputs = [(v - v.mean()) / v.std() for v in (x, sized)]
    squares = x * x / float(x @ x)

    def worst(of: Callable[[float], float], over: Sequence[float] = tuple(rates)) -> float:
        return max(of(p) for p in over)

    regular_t = 2 * math.exp((math.lgamma(calls / 2 + 1) - masks.REGULAR_LIMIT) / (calls / 2))
    strata = [p for p in published for _ in range(2)]
    return {
        f"fraction, {pools} pools": pools * 2 * math.exp(-masks.KL_LIMIT),
        f"fraction, {c} small calls and their pool": 2 * math.exp(-masks.KL_LIMIT)
        + c * 2 * math.exp(-masks.SMALL_KL_LIMIT),
        "related masks, 91 pairs of large calls": 91
        * max(independent_products(p, q, n, z) for p, q in combinations_with_replacement(rates, 2)),
        f"related masks, {layers * (layers - 1) // 2} pairs of layers": layers
        * (layers - 1)
        / 2
        * max(independent_products(p, q, 2000, z) for p, q in combinations_with_replacement(middle, 2)),
        f"related masks, {c * (c - 1) // 2} pairs of small calls": c
        * (c - 1)
        / 2
        * worst(lambda p: independent_products(p, p, m, masks.PAIR_LIMIT), small),
        f"small calls and those 1 to {c - 5} before": sum(
            worst(lambda p, n=(c - k) * m: lagged_products(p, n, masks.APART_LIMIT * math.sqrt(n)), small)  # type: ignore[misc]
            for k in range(1, c - 4)
        ),
        "neighbours in small calls": worst(
            lambda p: lagged_products(p, c * (m - 1), z * math.sqrt(c * (m - 1))), small
        ),
        f"autocorrelation, {n // 2} lags of {calls} large calls": calls
        * (n // 2)
        * worst(lambda p: lagged_products(p, n, masks.ACF_LIMIT * root)),
        f"autocorrelation, {w // 2} lags of the wide call": w
        // 2
        * lagged_products(0.3, w, masks.ACF_LIMIT * math.sqrt(w)),
        f"autocorrelation, {w2 // 2} lags of another": w2
        // 2
        * max(lagged_products(0.3, n, masks.ACF_LIMIT * math.sqrt(n)) for n in (w2, w2 - probes.LESS)),
        "autocorrelation, 1000 lags of four calls of 2000": 4000
        * lagged_products(0.3, 2000, masks.ACF_LIMIT * math.sqrt(2000)),
        "drift with position, 15 calls": (calls + 1) * worst(lambda p: weighted_sum(p, ramp, z * root)),
        f"position, {m} columns of small calls": m
        * worst(lambda p: weighted_sum(p, np.ones(c), z * math.sqrt(c)), small),
        f"dependence on x and on abs(x), {calls + 1} calls each and pooled": 2
        * (calls + 3)
        * max(worst(lambda p, v=v: weighted_sum(p, v, z * root)) for v in inputs),  # type: ignore[misc]
        "large counts too regular": dispersion(
            [*strata, *(p for stratum in probes.FRESH_STRATA for p in stratum)], n, regular_t, None
        ),
        "small counts too regular or irregular": max(
            # the upper side is about the counts' own mean, whose Σz² is never larger
            dispersion([p] * c, m, _chi2_at(-masks.DISPERSION_Z, c), _chi2_at(masks.DISPERSION_Z, c - 1))
            + regular_about_mean(p, m, c, _chi2_at(-masks.DISPERSION_Z, c - 1))
            for p in small
        ),
        # Σy²/Σx² - 1 = Σ w (m - q)/q with w = x²/Σx²; its standard error is known to a few parts in a hundred
        "cross-check of the power, 7 rates": 7
        * worst(lambda p: weighted_sum(p, np.concatenate([squares, squares]) / 2, 0.95 * z * _spread(squares))),
    }


def _chi2_at(z: float, free: int) -> float:
    """The Σz² that ``masks`` turns into the normal deviate ``z``."""
    return free * (1 - 2 / (9 * free) + z * math.sqrt(2 / (9 * free))) ** 3


def _spread(w: Array) -> float:
    """√Σw² of two calls on the same input, averaged."""
    return math.sqrt(float(w @ w) / 2)
