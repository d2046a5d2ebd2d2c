"""Seed and settings → the plan: which arrays are handed to the layer, at which rates, in which calls.

Parts, after EXERCISE.md §3. *Large*: every published and four fresh rates, an instance each, two calls of 8,000
numbers. *Small*: 144 calls of 256 numbers on one instance, with an excursion to evaluation on the way. *Wide*: one
call of 100,019 numbers. Then the short questions about dtypes, shapes, modes and arguments. All go as one batch to one
process. A call of at most 16,000 numbers stays in the cache: many small calls cost less than a few big ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.exercise.theory import INPUT_MEAN

CLASS = "VarianceStabilizedDropout"
LARGE_N = 8_000
SMALL_N = 256
SMALL_CALLS = 144
SMALL_INPUTS = 30  # the small calls go round this many different inputs
WIDE_N = 100_019  # prime, so that it folds into no equal rows; and no count is 0.7 of it, not even to 1e-6
FRESH_STRATA = ((0.10, 0.25), (0.34, 0.46), (0.74, 0.82), (0.83, 0.90))  # away from the published rates
LARGE_SHAPES = ((8000,), (80, 100), (20, 20, 20), (10, 10, 8, 10), (2000, 4), (2, 4000), (8000, 1))
SMALL_SHAPES = ((256,), (16, 16), (4, 8, 8), (2, 4, 4, 8))
TINY_SIZES = (1, 2, 3, 5, 8, 13, 21, 34)
BAD_P = (1.0, 1.5, -0.1, float("inf"), float("-inf"), float("nan"))
CURVE_RATES = tuple(round(0.1 * k, 1) for k in range(1, 10))

Floats = npt.NDArray[np.float64]


class View(NamedTuple):
    """Part of one of the plan's arrays as the layer gets it; ``worker.take`` makes the same array over there."""

    array: int
    start: int
    stop: int
    shape: tuple[int, ...]
    step: int = 1
    dtype: str = "<f8"
    transpose: bool = False

    def encoded(self) -> list[Any]:
        return [self.array, self.start, self.stop, self.step, self.shape, self.dtype, self.transpose]

    def of(self, arrays: Sequence[Floats]) -> npt.NDArray[Any]:
        """Shares its numbers with the plan's array where it can: on this side nobody writes to it."""
        part = arrays[self.array][self.start : self.stop]
        part = part.astype(self.dtype, copy=False)[:: self.step].reshape(self.shape)
        return part.T if self.transpose else part


class Call(NamedTuple):
    """A call with an array: which operation of the plan it is, at which rate, on which input."""

    operation: int
    p: float
    view: View
    inputs: str = "normal"


@dataclass(frozen=True)
class Plan:
    """The operations for ``sandbox.worker`` and, by name, which of them are evidence for what."""

    operations: tuple[list[Any], ...]
    arrays: tuple[Floats, ...]
    calls: dict[str, tuple[Call, ...]]
    marks: dict[str, int]
    rates: tuple[float, ...]
    inputs: tuple[str, ...]
    public: tuple[int, int]
    layer_seed: int


class _Builder:
    """Collects operations while the plan is written down, and remembers where the evidence will stand."""

    def __init__(self, secret: np.random.Generator, layers: np.random.Generator) -> None:
        self.secret = secret
        self.layers = layers
        self.operations: list[list[Any]] = []
        self.arrays: list[Floats] = []
        self.calls: dict[str, list[Call]] = {}
        self.marks: dict[str, int] = {}
        self.rate: dict[int, float] = {}
        self.public = (0, 0)

    def array(self, values: Floats) -> int:
        self.arrays.append(values)
        return len(self.arrays) - 1

    def do(self, *operation: Any, mark: str | None = None) -> int:
        self.operations.append(list(operation))
        if mark is not None:
            self.marks[mark] = len(self.operations) - 1
        return len(self.operations) - 1

    def layer(self, p: float, rng: str = "seed", mark: str | None = None) -> int:
        """A new layer; its ``rng`` is a fresh int seed, a Generator of one, or left at the default."""
        key = len(self.rate)
        self.rate[key] = p
        seed = int(self.layers.integers(2**32))
        if rng == "default":
            self.do("new", key, CLASS, [p], {}, mark=mark)
        elif rng == "generator":
            self.do("new", key, CLASS, [], {"p": p, "rng": {"generator": seed}}, mark=mark)
        else:
            self.do("new", key, CLASS, [p, seed], {}, mark=mark)
        return key

    def call(self, group: str, key: int, view: View, forward: bool = False, inputs: str = "normal") -> None:
        at = self.do("call", key, "forward" if forward else "__call__", [], view.encoded())
        self.calls.setdefault(group, []).append(Call(at, self.rate[key], view, inputs))

    def finish(self, rates: Sequence[float], inputs: Sequence[str]) -> Plan:
        return Plan(
            operations=tuple(self.operations),
            arrays=tuple(self.arrays),
            calls={name: tuple(group) for name, group in self.calls.items()},
            marks=self.marks,
            rates=tuple(rates),
            inputs=tuple(inputs),
            public=self.public,
            layer_seed=int(self.layers.integers(2**63)),
        )


def draw_inputs(name: str, rng: np.random.Generator, n: int) -> Floats:
    """``n`` numbers of a distribution with unit variance, none of them zero, so that y/x is s on every kept one."""
    if name == "uniform":
        x = rng.uniform(-math.sqrt(3), math.sqrt(3), n)
    elif name == "laplace":
        x = rng.laplace(0.0, math.sqrt(0.5), n)
    elif name == "rademacher":
        x = rng.choice((-1.0, 1.0), n)
    elif name == "student_t":  # nine degrees of freedom: the kurtosis, which the standard errors need, exists
        x = rng.standard_t(9, n) * math.sqrt(7 / 9)
    else:
        x = rng.standard_normal(n)
    away = 0.0 if name == "rademacher" else 1e-3
    x += INPUT_MEAN[name]
    x += np.copysign(away, x)
    return x


def verdict_plan(seed: int, rates: Sequence[float], inputs: Sequence[str]) -> Plan:
    """The plan behind a verdict. The layer's own randomness comes from a stream independent of the hidden one."""
    secret, layers = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    fresh = [round(float(secret.uniform(low, high)), 6) for low, high in FRESH_STRATA]
    b = _Builder(secret, layers)
    _greet(b)
    first, second = (b.array(draw_inputs("normal", secret, LARGE_N)) for _ in range(2))
    all_rates = (*rates, *fresh)
    _modes(b, first)
    _large(b, all_rates, first, second)
    small_p = float((0.3, round(float(secret.uniform(0.62, 0.70)), 6))[int(secret.integers(2))])
    _small(b, small_p, first)
    wide = b.array(draw_inputs("normal", secret, WIDE_N))
    b.call("wide", b.layer(0.3), View(wide, 0, WIDE_N, (WIDE_N,)))
    _arrays(b, first)
    for p in BAD_P:
        b.do("new", -1, CLASS, [p], {}, mark=f"bad {p}")
    for name in inputs:
        if name != "normal":
            x = b.array(draw_inputs(name, secret, LARGE_N))
            for p in rates:
                b.call("inputs", b.layer(p), View(x, 0, LARGE_N, (80, 100)), inputs=name)
    return b.finish(all_rates, inputs)


def _greet(b: _Builder) -> None:
    """A public first call, the only one whose printed text is kept."""
    public = b.array(np.linspace(-1.0, 1.0, 8))
    key = b.layer(0.3)
    b.call("greeting", key, View(public, 0, 8, (8,)))
    b.public = (len(b.operations), len(b.arrays))


def _large(b: _Builder, rates: Sequence[float], first: int, second: int) -> None:
    shapes = [LARGE_SHAPES[k] for k in b.secret.permutation(len(LARGE_SHAPES))]
    keys = []
    for j, p in enumerate(rates):
        # what is published is measured on layers that were given their randomness: a replay repeats it
        fresh = j >= len(rates) - len(FRESH_STRATA)
        keys.append(b.layer(p, "default" if fresh and j % 2 else ("seed", "generator")[j % 2]))
    for j, key in enumerate(keys):  # all are made before the first is called: layers share nothing
        shape = shapes[j % len(shapes)]
        again = first if j % 2 == 0 else second  # at every second rate the same input twice: masks must differ
        b.call("large", key, View(first, 0, LARGE_N, shape))
        b.call("large", key, View(again, 0, LARGE_N, shape), forward=j % 2 == 1)


def _small(b: _Builder, p: float, first: int) -> None:
    key = b.layer(p)
    for c in range(SMALL_CALLS):
        start = (c % SMALL_INPUTS) * SMALL_N
        if c == 40:
            b.do("call", key, "eval", [], None)
            b.do("call", key, "train", [], None)
        if c == 80:
            b.do("call", key, "eval", [], None)
            b.call("evaluation", key, View(first, 0, SMALL_N, (SMALL_N,)))
            b.do("call", key, "train", [], None)
        b.call("small", key, View(first, start, start + SMALL_N, SMALL_SHAPES[c % 4]))


def _arrays(b: _Builder, first: int) -> None:
    """float32; tiny, empty and strided arrays; an input looked at again after the call."""
    key = b.layer(0.3, "generator")
    for n, shape in ((1024, (1024,)), (1024, (32, 32)), (100, (100,))):
        b.call("float32", key, View(first, 0, n, shape, dtype="<f4"))
    key = b.layer(0.3)
    for n in TINY_SIZES:
        b.call("tiny", key, View(first, 0, n, (n,)))
    b.call("tiny", key, View(first, 0, 0, (0,)))
    b.call("tiny", key, View(first, 0, 0, (0, 3)))
    b.call("tiny", key, View(first, 0, 64, (8, 8), transpose=True))
    b.call("tiny", key, View(first, 0, 64, (32,), step=-2))
    again = (View(first, 0, 512, (512,)), View(first, 0, 512, (16, 32)), View(first, 0, 64, (64,), dtype="<f4"))
    for number, view in enumerate(again):
        b.call("before", key, view)
        b.do("argument", mark=f"after {number}")


def _modes(b: _Builder, first: int) -> None:
    key = b.layer(0.3, "default")
    b.do("get", key, "training", mark="training at first")
    b.do("call", key, "eval", [], None, mark="eval()")
    b.do("get", key, "training", mark="training after eval()")
    b.call("evaluation", key, View(first, 0, 512, (512,)))
    b.call("evaluation", key, View(first, 0, 256, (16, 16), dtype="<f4"), forward=True)
    b.do("call", key, "train", [], None, mark="train()")
    b.do("get", key, "training", mark="training after train()")
    b.do("call", key, "train", [], None, mark="a second train()")
    b.do("get", key, "training", mark="training after a second train()")
    b.call("train again", key, View(first, 0, 512, (512,)))
    b.do("call", key, "train", [False], None, mark="train(False)")
    b.do("get", key, "training", mark="training after train(False)")
    b.do("call", key, "train", [], None, {"mode": False}, mark="train(mode=False)")
    b.call("evaluation", key, View(first, 0, 512, (512,)), forward=True)
    key = b.layer(0.0, mark="p = 0")
    b.call("p = 0", key, View(first, 0, 512, (512,)))
    b.call("p = 0", key, View(first, 0, 256, (16, 16)), forward=True)
    b.do("new", len(b.rate), CLASS, [0], {}, mark="p = 0 (int)")
    b.rate[len(b.rate)] = 0.0
    default = len(b.rate)
    b.rate[default] = 0.5
    b.do("new", default, CLASS, [], {}, mark="default p")
    b.call("default p", default, View(first, 0, 2000, (2000,)))


def curve_plan(seed: int, rates: Sequence[float], n: int, inputs: str = "normal") -> Plan:
    """``n`` fresh numbers at each rate, in rows of 16,000, for figures and tables; judges nothing."""
    secret, layers = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    b = _Builder(secret, layers)
    row = 16_000
    for p in rates:
        x = b.array(draw_inputs(inputs, secret, n))
        key = b.layer(p)
        for start in range(0, n, row):
            stop = min(start + row, n)
            b.call("curve", key, View(x, start, stop, (stop - start,)), inputs=inputs)
    return b.finish(rates, (inputs,))
