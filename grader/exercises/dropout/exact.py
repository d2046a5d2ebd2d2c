"""Replies → what is exact about them: the identities (R4, R5), the scale (R7), and the coins that they show.

On kept elements y/x *is* s, so it is read off; chance has no part in anything here. A stage's other faults (R1–R3) come
from ``replies``, or are seen where an array has changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout.plan import Call, Floats, Stage
from grader.exercises.dropout.replies import Anything, Fault, array_like, ask_faults
from grader.exercises.dropout.theory import stable_scale

SCALE_ERROR = 1e-4  # R7: s·√(1-p) - 1
SCALE_SPREAD = 2e-6  # of y/x among elements and calls; a right float32 layer deviates by 2e-7


@dataclass(frozen=True)
class Coins:
    """One training call: input and output, which elements were kept, which of them can be seen (None: all), how many
    of those there are and were kept, the smallest and the largest y/x in units of the contract's s, and how many NaN
    went in and came back as 0."""

    call: Call
    x: Anything
    y: Anything
    kept: npt.NDArray[np.bool_]
    visible: npt.NDArray[np.bool_] | None
    n: int
    k: int
    low: float = math.nan
    high: float = math.nan
    nans: tuple[int, int] = (0, 0)

    @property
    def scale(self) -> float:
        """The one ratio y/x of the kept elements, NaN if there is none."""
        steady = abs(self.high - self.low) <= SCALE_SPREAD * abs(self.high)
        return (self.low + self.high) / 2 * stable_scale(self.call.p) if steady else math.nan

    @property
    def off(self) -> float:
        """By how many standard errors the fraction kept is not 1-p."""
        return abs(self.k - self.n * (1 - self.call.p)) / math.sqrt(self.n * self.call.p + 1e-9)


class Reading:
    """Reads stage after stage: what a later one hands over again was handed over, or came back, in an earlier one."""

    scale_error = SCALE_ERROR

    def __init__(self) -> None:
        self.arrays: list[Floats] = []
        self.coins: list[Coins] = []
        self.dropped: list[bool] = []  # in evaluation, from what all of which can be seen
        self._handed: list[tuple[Anything | None, Anything | None]] = []  # x, and y if it was an array like x
        self._digests: dict[int, tuple[int, int]] = {}

    def read(self, stage: Stage, replies: Sequence[Any]) -> list[Fault]:
        """``replies``: one for each operation of the stage."""
        self.arrays += stage.arrays
        faults = [fault for ask in stage.asks for fault in ask_faults(ask, replies[ask.operation])]
        training: list[tuple[Call, Anything, Anything]] = []
        for call in stage.calls:
            x, y = self._input(call), None
            if x is not None:
                y, found = array_like(x, replies[call.operation], call)
                faults += found
            self._handed.append((x, y))
            if x is None or y is None:
                continue
            if not call.training or call.p == 0:
                faults += self.identity_faults(call, x, y)
                if not call.training and call.plain and x.size >= 16:
                    self.dropped.append(0 < int(np.count_nonzero(y)) < x.size)
            elif x.size and (shown := self.as_base(call, x.reshape(-1), y.reshape(-1))) is not None:
                training.append((call, *shown))
        of_odd: list[Fault] = []
        coins = [*_plain([each for each in training if each[0].plain])]
        for odd in training:
            if not odd[0].plain:
                more, found = _odd(*odd, self.scale_error)
                of_odd += found
                coins += more
        coins.sort(key=lambda one: one.call.number)
        scales = [*scale_faults([*self.coins, *coins], self.scale_error)]
        if scales:  # wrong everywhere, and not on odd numbers alone
            of_odd = [f._replace(name="scale") if f.name == "scale by call" else f for f in of_odd]
        faults += [*scales, *of_odd]
        # what shows NaN or infinities shows no coins
        self.coins += [one for one in coins if not (one.k and one.call.plain) or math.isfinite(one.low + one.high)]
        looked = [self._look_faults(look.first, look.last, replies[look.operation]) for look in stage.looks]
        return [*(fault for look in looked for fault in look), *faults]  # what has changed says more than what raised

    def as_base(self, call: Call, x: Anything, y: Anything) -> tuple[Anything, Anything] | None:
        """What a call in training shows, as a layer of the base law would show it: under that law, as it is. None if
        nothing can be told from it."""
        return x, y

    def identity_faults(self, call: Call, x: Anything, y: Anything) -> list[Fault]:
        return [*_identity_faults(call, x, y)]

    def _input(self, call: Call) -> Anything | None:
        """None where the call that it should come from gave no array back."""
        if call.earlier is None:
            return call.view.of(self.arrays)
        number: int = call.earlier["result" if "result" in call.earlier else "again"]
        x, y = self._handed[number]
        if "result" in call.earlier:
            return y
        if x is None or "filled" not in call.earlier:
            return x
        self._handed[number] = (None, None)  # nobody knows what became of the former numbers, nor need they stay
        return call.view.of(self.arrays)

    def _look_faults(self, first: int, last: int, reply: Any) -> Iterator[Fault]:
        seen = getattr(reply, "data", None)
        if seen is None or seen.shape != (2 * (last - first),):
            yield Fault("x changed", "x cannot be read any more")
            return
        for number, (x_now, y_now) in enumerate(seen.reshape(-1, 2).tolist(), first):
            x, y = self._handed[number]
            if x is None:
                continue
            if number not in self._digests:
                self._digests[number] = (_digest(x), 0 if y is None else _digest(y))
            x_then, y_then = self._digests[number]
            if x_now != x_then:
                yield Fault("x changed", f"a {x.ndim}-d {x.dtype} x differs after the call")
            if y is not None and y_now != y_then:
                yield Fault("x changed", "an array that a call had given back differs after a later one")


def _digest(array: Anything) -> int:
    return crc32(np.ascontiguousarray(array).data)


# --- R4, R5: the identities ----------------------------------------------------------------------------------------


def _identity_faults(call: Call, x: Anything, y: Anything) -> Iterator[Fault]:
    # nearly always they are the same, and rarely is NaN among them, for which it takes three more looks
    if (x == y).all() or np.array_equal(x.astype(y.dtype), y, equal_nan=True):
        return
    name = "p = 0" if call.training else "evaluation"
    usual = np.isfinite(x) & (x != 0)
    if not np.isfinite(y[usual]).all():
        yield Fault(name, f"NaN or infinity at p = {call.p:g}")
        return
    if np.array_equal(x[usual].astype(y.dtype), y[usual]):
        yield Fault(name, "what is zero, infinite or NaN in x came back as something else")
        return
    kept = usual & (y != 0)
    if usual.any() and not kept.any():
        yield Fault(name, "everything was dropped")
        return
    dropped = 1 - int(np.count_nonzero(kept)) / max(1, int(np.count_nonzero(usual)))
    ratios = y[kept] / x[kept].astype(np.float64)
    steady = ratios.size and np.ptp(ratios) <= SCALE_SPREAD * abs(ratios[0])
    digits = 4 if not steady or abs(ratios[0] - 1) > 1e-3 else 15  # a number that is nearly 1 is not shown as 1
    survivors = f"{ratios[0]:.{digits}g}·x" if steady else "something else than x"
    yield Fault(name, f"{dropped:.0%} dropped, the rest {survivors}" if dropped else f"{survivors} came back")


# --- R7: the scale -------------------------------------------------------------------------------------------------


def _plain(training: list[tuple[Call, Anything, Anything]]) -> Iterator[Coins]:
    """Calls with numbers that are neither zero nor out of the ordinary, all in one go."""
    if not training:
        return
    sizes = np.array([x.size for _, x, _ in training])
    start = np.cumsum(sizes) - sizes
    x = np.concatenate([x for _, x, _ in training], dtype=np.float64, casting="unsafe")
    ratio = np.concatenate([y for _, _, y in training], dtype=np.float64, casting="unsafe")
    kept = ratio != 0
    ratio /= x
    ratio *= np.repeat([math.sqrt(1 - call.p) for call, _, _ in training], sizes)
    counts = np.add.reduceat(kept, start, dtype=np.int64)
    beyond = 1e300 * ~kept  # takes the dropped ones out of both extremes, by arithmetic: choosing costs ten times more
    low, high = np.minimum.reduceat(ratio + beyond, start), np.maximum.reduceat(ratio - beyond, start)
    for j, (call, mine, its) in enumerate(training):
        stop = start[j] + sizes[j]
        k = int(counts[j])
        extremes = (float(low[j]), float(high[j])) if k else (math.nan, math.nan)
        yield Coins(call, mine, its, kept[start[j] : stop], None, int(sizes[j]), k, *extremes)


def _odd(call: Call, x: Anything, y: Anything, error: float) -> tuple[list[Coins], list[Fault]]:
    """A call with zeros, NaN, infinities, or numbers whose product with s vanishes or overflows. What is not finite
    shows no coins."""
    s, info = stable_scale(call.p), np.finfo(x.dtype)
    tiny, size = float(info.smallest_subnormal), np.abs(x.astype(np.float64))
    nan, zero, inf = np.isnan(x), x == 0, np.isinf(x)
    visible = inf | ((size >= 16 * tiny) & (size <= float(info.max) / (4 * s * s)))
    close = np.abs(y - x.astype(np.float64) * s) <= error * s * size + 4 * s * tiny
    too_large = np.isinf(y) & (np.sign(y) == np.sign(x)) & ~visible & (size > 1)
    right = close | (y == 0) | too_large
    right[inf] = ((y == x) | (y == 0) | np.isnan(y))[inf]
    right[nan] = (np.isnan(y) | (y == 0))[nan]
    right[zero] = (y == 0)[zero]
    faults = []
    if not right[nan].all():
        faults.append(Fault("not finite", "NaN in x became a number"))
    usual = np.isfinite(x) & (visible | zero)
    finite = bool(np.isfinite(y[usual]).all())
    if not right[~nan].all():
        there = usual & (y != 0) & (x != 0)
        ratios = y[there] / x[there].astype(np.float64)
        one = ratios.size and np.ptp(ratios) <= SCALE_SPREAD * abs(ratios[0])
        name = "not finite" if not finite else "scale by call" if one else "scale inside"
        shown = f"where zeros, infinities or extreme numbers are in x at p = {call.p:g}"
        faults.append(Fault(name, f"NaN or infinity, {shown}" if not finite else f"y is not s·x or 0, {shown}"))
    if not finite:
        return [], faults
    kept = visible & (y != 0) & ~np.isnan(y)
    lost = int(np.count_nonzero(y[nan] == 0))
    n, k = int(np.count_nonzero(visible)), int(np.count_nonzero(kept))
    return [Coins(call, x, y, kept, visible, n, k, nans=(int(np.count_nonzero(nan)), lost))], faults


def scale_faults(coins: Sequence[Coins], error: float = SCALE_ERROR) -> Iterator[Fault]:
    """R7: one scale within a call, at all calls of a rate, and the contract's."""
    coins = [one for one in coins if one.k and one.call.plain]
    if all(abs(one.low - 1) < SCALE_SPREAD / 2 > abs(one.high - 1) for one in coins):
        return  # as nearly all layers have it that get this far
    moving: dict[tuple[float, float | None], list[Coins]] = {}
    everywhere = all(one.k == one.n for one in coins)
    for one in coins:
        steady = one.high - one.low <= SCALE_SPREAD * abs(one.high)
        if not (math.isfinite(one.low) and math.isfinite(one.high)):
            yield Fault("not finite", f"NaN or infinity at p = {one.call.p:g}")
        elif not steady:
            whole = one.k == one.n >= 256 and 0.05 < one.call.p < 0.99
            name, shown = "scale inside", f"kept elements of one call have different ratios y/x at p = {one.call.p:g}"
            where = "" if everywhere else f"in a {one.call.view.seen} {one.x.dtype} array "
            yield Fault("no zeros", f"{where}no element is exactly zero") if whole else Fault(name, shown)
        moving.setdefault((one.call.p, one.call.theta), []).append(one)
    steady_ones = [
        (p, group, values)
        for (p, _), group in moving.items()
        if (values := sorted(one.scale for one in group if math.isfinite(one.scale)))
    ]
    clearest_first = sorted(steady_ones, key=lambda each: (each[2][0] - each[2][-1]) / (abs(each[2][-1]) + 1e-300))
    for p, group, values in clearest_first:
        if values[-1] - values[0] > SCALE_SPREAD * abs(values[-1]):
            digits = 5 if f"{values[0]:.5g}" != f"{values[-1]:.5g}" else 10
            between = f"between {values[0]:.{digits}g} and {values[-1]:.{digits}g} at p = {p:g}"
            # from call to call: does it follow the fraction that happened to survive, or the data?
            rooted = [one.scale * math.sqrt(one.k / one.n) for one in group]
            by_fraction = np.ptp(rooted) <= SCALE_SPREAD * abs(rooted[0])
            yield Fault("scale by fraction" if by_fraction else "scale by call", between)
        elif not abs(values[0] / stable_scale(p) - 1) <= error:
            s = values[0]
            yield Fault("scale", f"s = {s:.5g} and s²·(1-p) = {s * s * (1 - p):.5g} at p = {p:g}")
