"""What a layer did at one rate, and the questions that measure nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.exercises.dropout import theory
from grader.exercises.dropout.exact import SCALE_SPREAD, Coins, Reading
from grader.exercises.dropout.plan import Builder, Seeds, Stage, View
from grader.exercises.dropout.public import draw_inputs
from grader.result import Point

ROW = 16_000  # numbers in a call for figures


@dataclass(frozen=True)
class Measurement:
    """What the layer did to ``n`` numbers at one rate, in training.

    ``p`` is the probability of dropping, ``scale`` the ratio y/x of the kept elements (NaN if they have no
    common one), ``power_ratio`` is Σy²/Σx², ``variance_ratio`` is Var[y]/Var[x] as measured, ``judged_ratio`` the same
    from the exact scale where there is one (R8's number), ``expected`` the contract's value of both and
    ``standard_error`` that of the power ratio given x.
    """

    p: float
    inputs: str
    n: int
    kept_fraction: float
    scale: float
    power_ratio: float
    variance_ratio: float
    judged_ratio: float
    expected: float
    standard_error: float

    @property
    def variance_error(self) -> float:
        """R8: relative deviation of the variance from what the contract promises."""
        return self.judged_ratio / self.expected - 1.0

    @property
    def point(self) -> Point:
        """As the rest of the package has it."""
        facts = {"kept": self.kept_fraction, "scale": self.scale, "power_ratio": self.power_ratio}
        series = (self.p, self.inputs, self.n, self.variance_ratio, self.judged_ratio, self.expected)
        return Point(*series, self.standard_error, facts)


def common_scale(coins: Sequence[Coins]) -> float:
    """The one scale of several calls, NaN if there is none. A call that drops everything has no say."""
    scales = [one.scale for one in coins if one.k]
    steady = all(abs(s / scales[0] - 1.0) <= SCALE_SPREAD for s in scales)
    return scales[0] if scales and steady else math.nan


def measure(coins: Sequence[Coins], fraction_holds: bool = True) -> Measurement:
    """One rate's calls pooled into one measurement."""
    p, inputs = coins[0].call.p, coins[0].call.inputs
    x, y = (np.concatenate([getattr(one, name) for one in coins]).astype(float, copy=False) for name in ("x", "y"))
    kept = sum(one.k for one in coins) / x.size
    scale = common_scale(coins)
    x2, y2 = x @ x, y @ y
    power = float(y2 / x2)
    residual = y * y - power * (x * x)
    mean = theory.INPUT_MEAN[inputs]
    variance = float(_centred_power(y) / _centred_power(x))
    expected, judged = theory.variance_ratio(p, theory.stable_scale(p), mean), variance
    if math.isfinite(scale):  # R8's number: free of sampling error where the fraction has been judged already
        judged = scale * scale * ((1.0 - p) if fraction_holds else kept) * (1.0 + p * mean**2)
    elif fraction_holds and not kept:  # a short call, or a rate near 1: by chance nothing shows the scale
        judged = expected
    return Measurement(
        p=p,
        inputs=inputs,
        n=x.size,
        kept_fraction=kept,
        scale=scale,
        power_ratio=power,
        variance_ratio=variance,
        judged_ratio=judged,
        expected=expected,
        standard_error=float(np.sqrt(residual @ residual) / x2),
    )


def _centred_power(v: Any) -> Any:
    """n·Var[v]."""
    v = v - v.mean()
    return v @ v


# --- figures and tables --------------------------------------------------------------------------------------------


def curve_stage(seed: int, rates: Sequence[float], n: int, inputs: str = "normal") -> Stage:
    """``n`` fresh numbers at each rate, in rows; judges nothing."""
    hidden, layers = (np.random.default_rng(child) for child in np.random.SeedSequence((seed, 1)).spawn(2))
    b = Builder(None, [draw_inputs(inputs, hidden, n) for _ in rates], Seeds(layers), public=True)
    for number, p in enumerate(rates):
        key = b.layer(p)
        for start in range(0, n, ROW):
            b.call(key, View(number, start, (min(start + ROW, n) - start,)), inputs=inputs)
    return b.finish(int(layers.integers(2**63)))


def curve(stage: Stage, replies: Sequence[Any]) -> tuple[Measurement, ...]:
    """The measurements of a ``curve_stage``; empty where the layer gave no usable numbers."""
    reading = Reading()
    with np.errstate(all="ignore"):
        faults = {fault.name for fault in reading.read(stage, replies)}
        if len(reading.coins) < len(stage.calls) or "not finite" in faults:
            return ()
        rates = dict.fromkeys(one.call.p for one in reading.coins)
        return tuple(measure([one for one in reading.coins if one.call.p == p]) for p in rates)
