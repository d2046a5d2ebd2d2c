"""R6: are the coins that were seen independent, each with probability 1-p? Counts, pockets, and coins used twice.

Every test has a share of a budget; from it and from the number of its statistics, which the plan alone decides, comes
its limit (``bounds``). So the budgets' sum bounds how often a right layer fails, by construction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout import bounds
from grader.exercises.dropout.exact import Coins

# What each stage may cost, and how it is shared: P(a right layer fails a grading) ≤ the budgets' sum.
BUDGETS = (1e-9, 5e-8, 2e-7, 1e-7, 6e-7)
SHARES = {
    "count": 5,
    "pockets": 4,
    "waves": 2,
    "lost NaN": 1,
    "windows": 3,
    "twins": 1,
    "contrasts": 5,
    "edges": 3,
    "clustered": 3,
    "regular": 3,
    "equal counts": 2,
    "lags": 3,
    "products": 3,
    "pairs of calls": 3,
}
WINDOW = 96  # coins
WINDOW_RATES = (0.28, 0.72)  # where a coin's square of probabilities is at most 0.597
MATCHES = 5_000  # that are looked at
WAVES = 12  # of a fraction that goes up and down with p
SLOT_BITS = 20  # by which windows' numbers are told apart at first
SAMPLED = 1 / 16  # of the windows are looked at: chosen by their first coins, so that equal ones are chosen alike

Table = npt.NDArray[np.float64]


class Tests:
    """The statistics of one stage, each in units of its limit: a right layer's stay below 1."""

    def __init__(self, budget: float) -> None:
        self.ratios: dict[str, float] = {}
        self._budget = budget / sum(SHARES.values())

    def share(self, name: str) -> float:
        return self._budget * SHARES[name]

    def nats(self, name: str, tests: int) -> float:
        return bounds.nats(self.share(name), tests)

    def limit(self, name: str, ratios: Any) -> None:
        """NaN is beyond every limit."""
        ratios = np.asarray(ratios)
        if ratios.size:
            largest = float(ratios.max())
            self.ratios[name] = max(self.ratios.get(name, 0.0), math.inf if math.isnan(largest) else largest)

    def broken(self, name: str) -> bool:
        return not self.ratios.get(name, 0.0) <= 1


class Pockets:
    """Every value of every coordinate as a row of 0 and 1 over the calls of a grading so far."""

    def __init__(self) -> None:
        self._number: dict[Any, int] = {}
        self._codes: list[list[int]] = []

    def table(self, coins: Sequence[Coins]) -> Table:
        """``coins``: all so far."""
        number = self._number
        for one in coins[len(self._codes) :]:
            self._codes.append([number.setdefault(label, len(number)) for label in one.call.labels or ("all",)])
        table = np.zeros((len(number), len(coins)))
        calls = np.repeat(np.arange(len(coins)), [len(codes) for codes in self._codes])
        table[np.concatenate(self._codes), calls] = 1
        return table


def check_counts(coins: Sequence[Coins], table: Table, tests: Tests) -> None:
    """How many were kept: call by call, layer by layer, rate by rate, in every meeting of two pockets, and as p goes
    on."""
    p = np.array([one.call.p for one in coins])
    n, k = np.array([(one.n, one.k) for one in coins], dtype=np.float64).T
    layer = np.unique([one.call.layer for one in coins], return_inverse=True)[1]
    rates = np.zeros(layer.max() + 1)
    rates[layer] = p
    kept, tossed = (np.bincount(layer, count) for count in (k, n))
    # where a result was handed over again, what can be seen hangs on earlier coins
    use = np.array([one.call.earlier is None or "again" in one.call.earlier for one in coins])
    each, at = np.unique(p, return_inverse=True)
    L = tests.nats("count", len(coins) + rates.size + each.size)
    tests.limit("count", bounds.kl(k, n, 1 - p) / L)
    tests.limit("count", bounds.kl(kept, tossed, 1 - rates) / L)
    tests.limit("count", bounds.kl(np.bincount(at, k * use), np.bincount(at, n * use), 1 - each) / L)
    off, v, slack = (k - n * (1 - p)) * use, n * p * (1 - p) * use, 2 * n * bounds.RESOLUTION * use
    lean = 1 - 2 * p  # errors of a fraction that is drawn towards one half cancel between small and large rates
    if each.size > 2 * WAVES:  # fewer rates are a pocket each
        waves = np.concatenate([np.sin(turns := math.pi * np.outer(p, np.arange(1, WAVES + 1))), np.cos(turns)], axis=1)
        limits = bounds.bernstein(v @ waves**2, 1.0, tests.nats("waves", 2 * WAVES)) + slack.sum()
        tests.limit("waves", np.abs(off @ waves) / limits)
    L = tests.nats("pockets", 2 * table.shape[0] ** 2)
    met = table.astype(np.float32)
    parts = np.stack([off, v, off * lean, v * lean**2, slack])[:, None].astype(np.float32)
    plain, energy, leaning, lean_energy, imprecise = (met * parts) @ met.T
    for s, vs in ((plain, energy), (leaning, lean_energy)):
        tests.limit("pockets", np.abs(s) / (bounds.ROUNDING * bounds.bernstein(vs, 1.0, L) + imprecise))
    _check_lost(coins, tests)


def _check_lost(coins: Sequence[Coins], tests: Tests) -> None:
    """A dropped NaN may come back as 0, a kept one may not: at most the dropped ones are lost."""
    odd = [(one.call.p, *one.nans) for one in coins if one.nans[0]]
    if odd:
        p, n, lost = np.array(odd).T
        s, v = lost - n * (p + bounds.RESOLUTION), n * p * (1 - p)
        L = tests.nats("lost NaN", len(odd) + 1)
        tests.limit("lost NaN", np.append(s, s.sum()) / bounds.bernstein(np.append(v, v.sum()), 1.0, L))


class Windows:
    """Windows of coins, chosen alike in a whole grading: what a stage adds is compared with all that went before."""

    def __init__(self) -> None:
        self._seen = self._calls = self._coins = 0
        self._windows, self._worst = 0.0, 0.0
        self._bits: list[npt.NDArray[np.bool_]] = []
        self._found: list[tuple[Any, Any, Any]] = []  # numbers, where their windows begin, in which calls

    def check(self, coins: Sequence[Coins], tests: Tests) -> str | None:
        """Does a window of coins occur twice in the grading, forwards or reversed? ``coins``: all so far. Says where:
        "one call", "calls".

        Two windows without a common coin agree with probability ≤ r^WINDOW, r = p² + q² at the worst rate, by Cauchy
        and Schwarz also at two rates; of N windows there are N²/2 pairs, and as many again of one forwards and one
        reversed. Windows of one call that overlap are left out: they are made of the same coins. What agrees is told
        by its bits.
        """
        low, high = WINDOW_RATES
        new, self._seen = coins[self._seen :], len(coins)
        chosen = [one for one in new if low <= one.call.p <= high and one.visible is None and one.n >= WINDOW]
        if chosen:
            self._add(chosen)
        if not self._coins:
            return None
        # known from the plan alone: a plan with too many coins for this length of a window would be a mistake of ours
        if 1.5 * self._windows**2 * self._worst**WINDOW > tests.share("windows"):
            raise ValueError(f"{self._windows:.0f} windows of {WINDOW} coins are too many")
        tests.limit("windows", 0.0)
        return self._compare(tests)

    def _add(self, chosen: Sequence[Coins]) -> None:
        sizes = np.array([one.n for one in chosen])
        self._windows += float((sizes - WINDOW + 1).sum())
        self._worst = max(self._worst, *(one.call.p**2 + (1 - one.call.p) ** 2 for one in chosen))
        bits = np.concatenate([one.kept for one in chosen])
        call = np.repeat(np.arange(self._calls, self._calls + len(chosen), dtype=np.int32), sizes)
        forwards, here = _sampled(bits, call)
        backwards, there = _sampled(bits[::-1], call[::-1])
        there = bits.size - WINDOW - there  # where the window begins that was read from its end
        for numbers, at in ((forwards, here), (backwards, there)):
            self._found.append((numbers, at + self._coins, call[at]))
        self._bits.append(bits)
        self._calls += len(chosen)
        self._coins += bits.size

    def _compare(self, tests: Tests) -> str | None:
        numbers, places, call = (np.concatenate(each) for each in zip(*self._found, strict=True))
        order = _crowded(numbers)
        order = order[np.argsort(numbers[order], kind="stable")]
        met = np.flatnonzero(numbers[order[1:]] == numbers[order[:-1]])[:MATCHES]
        if not met.size:
            return None
        bits, found = np.concatenate(self._bits), None
        for a, b in zip(order[met].tolist(), order[met + 1].tolist(), strict=True):
            i, j = int(places[a]), int(places[b])
            if call[a] != call[b] or abs(i - j) >= WINDOW:
                one, two = bits[i : i + WINDOW], bits[j : j + WINDOW]
                if np.array_equal(one, two) or np.array_equal(one, two[::-1]):
                    tests.limit("windows", math.inf)
                    if call[a] == call[b]:
                        return "one call"
                    found = "calls"
        return found


def _sampled(bits: npt.NDArray[np.bool_], call: npt.NDArray[np.int32]) -> tuple[Any, Any]:
    """A number for each chosen window, and where it begins. Windows that two calls share are left out."""
    short = bits.astype(np.uint16)
    for width in (1, 2, 4, 8):  # the sixteen coins that begin here
        short = short[:-width] << np.uint16(width) | short[width:]
    last = bits.size - WINDOW + 1
    mixed = short[:last] * np.uint16(40_503)  # its high bits mix all sixteen
    at = np.flatnonzero(mixed < int(SAMPLED * 2**16))
    at = at[call[at] == call[at + WINDOW - 1]]
    number = np.zeros(at.size, np.uint64)
    for offset in range(0, WINDOW, 16):
        number = (number ^ short[at + offset]) * np.uint64(0x9E3779B97F4A7C15)
        number ^= number >> np.uint64(29)
    return number, at


def _crowded(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """Which of them share their first bits with another: few, unless many are equal. To sort them all takes longer."""
    places = np.arange(numbers.size)
    slots = (numbers >> np.uint64(64 - SLOT_BITS)).astype(np.intp)
    last = np.empty(1 << SLOT_BITS, np.int32)
    last[slots] = places
    met = np.flatnonzero(last[slots] != places)
    crowded: npt.NDArray[np.intp] = np.unique(np.concatenate([met, last[slots[met]]]))
    return crowded
