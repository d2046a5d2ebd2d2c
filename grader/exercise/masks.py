"""R6: the fraction kept, and the independence of the masks.

A right layer's mask is i.i.d. Bernoulli(q). ``a`` below is a mask standardised, (m - q)/√(pq): mean 0, variance 1. The
limits are such that a right layer passes them all but for less than 1e-6 of its gradings; ``bounds`` derives it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.exercise.evidence import Notes, Pair, by_rate

KL_LIMIT = 21.42  # n·KL(k/n ‖ q): Chernoff's bound, P ≤ 2 exp(-21.42) = 1e-9 for every n and q
SMALL_KL_LIMIT = 23.42  # the same for the largest of 144 calls
Z_LIMIT = 7.0  # of a standardised sum of thousands of terms: P < 3e-12 if normal
PAIR_LIMIT = 9.5  # of 10,296 correlations of 256 terms, whose tails are heavier
ACF_LIMIT = 9.0  # of the largest of 4,000 lags
DISPERSION_Z = 6.5  # Σz² of the 144 small counts against χ², both sides
APART_LIMIT = 7.5  # of all calls with those so many calls before, for every distance
MIDDLE = (0.25, 0.72)  # the rates at which layers are compared by their first numbers: beyond, tails are skewed
REGULAR_LIMIT = 20.7  # -ln P that Σz² of the large counts is as small as it is

OTHERS = (
    "wide",
    "wide again",
    "layouts",
    "default p",
    "twins",
    "again",
    "neighbours",
)  # with calls of 2,000 numbers or more
POOLED = ("tiny", "train again", *OTHERS)  # each at one rate

VARIES = "the fraction kept is off in all calls or in some"
REPEATED = "two calls or two layers drew the same or related masks"
NEIGHBOURS = "neighbours share their fate"
REGULAR = "the counts of survivors hardly vary from call to call"

Rows = npt.NDArray[np.float32]


def kl(k: Any, n: Any, q: Any) -> Any:
    """n·KL(k/n ‖ q) of a Bernoulli count: P(deviation as large) ≤ 2 exp(-this), for every n and q."""
    f = np.clip(np.asarray(k) / n, 1e-300, 1.0)
    g = np.clip(1.0 - np.asarray(k) / n, 1e-300, 1.0)
    return n * (f * np.log(f / q) + g * np.log(g / (1.0 - q)))


def check_fractions(pairs: dict[str, list[Pair] | None], notes: Notes) -> None:
    large, small = pairs["large"] or [], pairs["small"] or []
    if {pair.kept / pair.m.size for pair in large + small} == {0.0, 1.0}:
        notes.fault("one coin", "every call drops all or nothing")
    pools: list[tuple[list[Pair], float]] = [(group, KL_LIMIT) for group in by_rate(large).values()]
    pools += [([pair], KL_LIMIT) for pair in large]
    pools += [(small, KL_LIMIT), *(([pair], SMALL_KL_LIMIT) for pair in small)]
    pools += [(group, KL_LIMIT) for name in POOLED if (group := pairs[name])]
    pools += [([pair], KL_LIMIT) for name in ("anywhere", "inputs") for pair in pairs.get(name) or ()]
    k = np.array([sum(pair.kept for pair in pool) for pool, _ in pools])
    n = np.array([sum(pair.m.size for pair in pool) for pool, _ in pools])
    p = np.array([pool[0].p for pool, _ in pools])
    beyond = np.flatnonzero(~(kl(k, n, 1.0 - p) <= [limit for _, limit in pools]))
    if beyond.size:
        at = beyond[0]
        shown = f"{k[at] / n[at]:.3f} of {n[at]} kept" if notes.knows(p[at]) else "too many or too few kept"
        notes.fault("fraction", f"{shown} at {notes.at(p[at])}")
    notes.good["R6"] = "fraction and independence as they should be"


def check_independence(pairs: dict[str, list[Pair] | None], notes: Notes) -> None:
    groups = ("large", "wide", "wide again", "small", "layouts")
    large, wide, wide_again, small, layouts = (pairs[name] or [] for name in groups)
    others = (pairs[name] or [] for name in OTHERS)
    middle = [pair for group in (large, *others) for pair in group if _middle(pair.p)]
    rows = _standardised(large)
    _check_pairs(rows, notes)
    # what layers of different groups have in common: their first numbers
    _check_pairs(_standardised(middle, min(pair.m.size for pair in middle)), notes)
    _check_rows(large, rows, notes)
    _check_rows(wide, _standardised(wide), notes)
    for further in (wide_again, layouts):
        _check_structure(_standardised(further), notes)
    _check_counts(rows, notes)
    _check_small(_standardised(small), notes)


def _middle(p: float) -> bool:
    return MIDDLE[0] < p < MIDDLE[1]


def _standardised(pairs: list[Pair], n: int | None = None) -> Rows:
    """The masks' first ``n`` elements, or all, as rows of (m - q)/√(pq)."""
    q = np.array([[1.0 - pair.p] for pair in pairs], dtype=np.float32)
    a = np.array([pair.m[:n] for pair in pairs], dtype=np.float32)
    a -= q
    a /= np.sqrt(q * (1 - q))
    return a


def _ramp(n: int) -> Rows:
    """A straight line over the positions with mean 0 and variance 1."""
    ramp: Rows = np.arange(n, dtype=np.float32)
    ramp -= (n - 1) / 2
    ramp *= math.sqrt(12 / (n * n - 1))
    return ramp


def _centred(a: Rows) -> Rows:
    """Rows about their own mean and in their own standard deviation: a wrong fraction changes both."""
    centred: Rows = a - a.mean(1, keepdims=True)
    spread = np.sqrt(np.vecdot(centred, centred) / a.shape[1])[:, None]
    centred /= np.where(spread > 1e-3, spread, 1)  # where all are kept, or none, only rounding is left
    return centred


def _flattened(a: Rows) -> Rows:
    """Rows without their mean and their linear drift, which are judged by themselves."""
    ramp = _ramp(a.shape[1])
    drift: Any = a @ ramp / ramp.size
    return _centred(a - drift[:, None] * ramp)


def _largest_pair(a: Rows) -> float:
    """The largest correlation between two rows, in standard errors."""
    return float(np.abs(np.triu(a @ a.T, 1)).max()) / math.sqrt(a.shape[1])


def _fft_length(n: int) -> int:
    """A length ≥ n with small prime factors, for which transforms are quick."""
    return min(odd << ((n - 1) // odd).bit_length() for odd in (1, 3, 5, 9, 15, 25, 75))


def _largest_lag(a: Rows) -> float:
    """The largest autocorrelation over all lags up to n/2, in standard errors; by FFT, padded so as not to wrap."""
    n = a.shape[1]
    padded = _fft_length(n + n // 2)
    spectrum = np.fft.rfft(a, padded, axis=1)
    spectrum *= spectrum.conj()
    lags = np.fft.irfft(spectrum, padded, axis=1)[:, 1 : n // 2 + 1]
    return float(np.abs(lags).max()) / math.sqrt(n)


# A wrong fraction and a drift relate any two masks and any two neighbours. So a test looks at the masks as they are;
# where it fails, its name comes from the masks without both: if they are fine, it is the fraction that is off.


def _check_pairs(a: Rows, notes: Notes) -> None:
    if not _largest_pair(a) <= Z_LIMIT:
        root, related = math.sqrt(a.shape[1]), _largest_pair(_flattened(a))
        name = "same" if related > 0.5 * root else "repeat" if related > Z_LIMIT else "fraction varies"
        notes.fault(name, VARIES if name == "fraction varies" else REPEATED)


def _check_rows(pairs: list[Pair], a: Rows, notes: Notes) -> None:
    """Each mask by itself: drift with position, neighbours at every distance, dependence on x."""
    n = a.shape[1]
    drift = float(np.abs(a @ _ramp(n)).max()) / math.sqrt(n)
    notes.limit("position", drift, Z_LIMIT, "the fraction kept drifts with position")
    x = np.array([pair.x for pair in pairs], dtype=np.float32)
    for against, shown in ((x, "x"), (np.abs(x), "the size of x")):
        largest = _largest_correlation(a, against)
        notes.limit("follows x", largest, Z_LIMIT, f"the mask is correlated with {shown}")
    _check_structure(a, notes)


def _check_structure(a: Rows, notes: Notes) -> None:
    if len(a) and not _largest_lag(a) <= ACF_LIMIT:
        pattern = _largest_lag(_flattened(a)) > ACF_LIMIT
        notes.fault("structure" if pattern else "fraction varies", NEIGHBOURS if pattern else VARIES)


def _check_counts(a: Rows, notes: Notes) -> None:
    counts = a.sum(1) / math.sqrt(a.shape[1])
    half = len(a) / 2  # P(χ²_2h ≤ t) ≤ (t/2)^h / h!
    regular = -(half * math.log(max(1e-300, float(counts @ counts) / 2)) - math.lgamma(half + 1))
    notes.limit("regular", regular, REGULAR_LIMIT, REGULAR)


def _largest_correlation(a: Rows, x: Rows) -> float:
    """Of each mask with its own input, and of all of them pooled, in standard errors.

    Related masks on one input say the same thing again: the pool's variance is what all pairs of calls have in common,
    or else the chance of one mask that is repeated in every call would look like a dependence on x.
    """
    x = x - x.mean(1, keepdims=True)
    spread = np.sqrt(np.vecdot(x, x))  # √n standard deviations
    usable = spread > 1e-6 * math.sqrt(x.shape[1])  # |x| of a ±1 input does not vary
    weight = np.divide(1, spread, out=np.zeros_like(spread), where=usable)
    z = np.vecdot(a, x) * weight
    common = float(weight @ ((a @ a.T) * (x @ x.T)) @ weight) / a.shape[1]  # of independent masks as many as are usable
    return float(np.append(np.abs(z), abs(z.sum()) / math.sqrt(max(1, usable.sum(), common))).max())


def _check_small(a: Rows, notes: Notes) -> None:
    c, n = a.shape
    counts = a.sum(1) / math.sqrt(n)
    about_own_mean = _dispersion(counts - counts.mean(), c - 1)
    notes.limit("regular", -min(_dispersion(counts, c), about_own_mean), DISPERSION_Z, REGULAR)
    centred, flat = _centred(a), _flattened(a)
    for measure, limit, own, name, shown in (
        (_largest_pair, PAIR_LIMIT, flat, "repeat", "two calls drew the same or related masks"),
        (_calls_apart, APART_LIMIT, flat, "repeat", "a call's mask depends on one before"),
        (_columns, Z_LIMIT, centred, "position", "some positions are kept more often than others"),
        (_lag1, Z_LIMIT, flat, "irregular", NEIGHBOURS),
    ):
        if not measure(a) <= limit:
            fine = measure(own) <= limit
            notes.fault("fraction varies" if fine else name, VARIES if fine else shown)
    name, shown = ("irregular", NEIGHBOURS) if _lag1(flat) > Z_LIMIT else ("fraction varies", VARIES)
    notes.limit(name, about_own_mean, DISPERSION_Z, shown)


def _calls_apart(a: Rows) -> float:
    """The largest correlation of all calls with those so many calls before, in standard errors."""
    c, n = a.shape
    together = a @ a.T
    return max(abs(float(np.trace(together, k))) / math.sqrt((c - k) * n) for k in range(1, c - 4))


def _columns(a: Rows) -> float:
    return float(np.abs(a.sum(0)).max()) / math.sqrt(len(a))


def _lag1(a: Rows) -> float:
    return abs(float(np.vecdot(a[:, 1:], a[:, :-1]).sum())) / math.sqrt(a[:, 1:].size)


def _dispersion(counts: npt.NDArray[np.floating[Any]], free: int) -> float:
    """Σz² against χ², as a normal deviate: χ²'s cube root is nearly normal (Wilson & Hilferty 1931)."""
    third = math.cbrt(float(counts @ counts) / free)
    return (third - (1 - 2 / (9 * free))) / math.sqrt(2 / (9 * free))
