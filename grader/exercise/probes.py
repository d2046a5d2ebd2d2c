"""Seed and settings → the plan: which arrays are handed to the layer, at which rates, in which calls.

Parts, after EXERCISE.md §3. *Large*: every published and four fresh rates, an instance each, two calls of 8,000
numbers. *Small*: 144 calls of 256 numbers on one instance, with excursions to evaluation on the way. *Wide*: one
call of 100,019 numbers. *Anywhere*: one call each at sixteen rates from end to end, of sizes, shapes, dtypes and
layouts that nobody can foresee. Then the short questions about dtypes, modes and arguments. All go as one batch to one
process. A call of at most 16,000 numbers stays in the cache: many small calls cost less than a few big ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.exercise.plan import CLASS, KINDS, Builder, Floats, Plan, View
from grader.exercise.theory import INPUT_MEAN

LARGE_N = 8_000
SMALL_N = 256
SMALL_CALLS = 144
SMALL_INPUTS = 30  # the small calls go round this many different inputs
WIDE_N, WIDE_AGAIN_N, LESS = 100_019, 30_000, 10_000  # the second may be smaller by as much as the third
FLAT, FOLDED = ((WIDE_N,),), ((313, 317), (43, 47, 49))  # no count is 0.7 of one of them, not even to 1e-6
FRESH_STRATA = ((0.10, 0.25), (0.34, 0.46), (0.74, 0.82), (0.83, 0.90))  # away from the published rates
LARGE_SHAPES = ((8000,), (80, 100), (20, 20, 20), (10, 10, 8, 10), (2000, 4), (2, 4000), (8000, 1))
SMALL_SHAPES = ((256,), (16, 16), (4, 8, 8), (2, 4, 4, 8))
EMPTY: tuple[tuple[tuple[int, ...], str], ...] = (((0,), "<f8"), ((0, 3), "<f8"), ((3, 0), "<f4"), ((2, 0, 3), "<f8"))
TINY_SIZES = (1, 2, 3, 5, 8, 13, 21, 34)
BAD_P = (1.0, 1, 2, -1, 1.0 + 2**-52, 1.5, -0.1, -1e-12, float("inf"), float("-inf"), float("nan"))
ANYWHERE, ANYWHERE_CALLS = (0.01, 0.98), 16  # rates at which the scale is read off and the fraction looked at roughly
HARDLY_ANY, NEARLY_ALL = (0.9990, 0.9994), (0.004, 0.008)  # where what is added to p, or cut off from it, shows
TURNS = 5  # of layers that come and go: where one lies is now and then another's by then
ALMOST_ONE, ALMOST_ZERO = 1 - 2**-53, 5e-324
SPECIAL = (math.nan, math.inf, -math.inf, -0.0, 5e-324, -1e308, 1e-300, 1.0)
AGAIN_N = (2_000, 16_000)  # of one more call of a layer that has been called before
CURVE_RATES = tuple(round(0.1 * k, 1) for k in range(1, 10))


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
    x += INPUT_MEAN[name]
    return x


def verdict_plan(seed: int, rates: Sequence[float], inputs: Sequence[str]) -> Plan:
    """The plan behind a verdict. The layer's own randomness comes from a stream independent of the hidden one."""
    secret, layers = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    fresh = [round(float(secret.uniform(low, high)), 6) for low, high in FRESH_STRATA]
    b = Builder(secret, layers)
    _greet(b)
    first, second = (b.array(draw_inputs("normal", secret, LARGE_N)) for _ in range(2))
    all_rates = (*rates, *fresh)
    _modes(b, first)
    b.secret_from = len(b.operations)
    _large(b, all_rates, first, second)
    small_p = float((0.3, round(float(secret.uniform(0.62, 0.70)), 6))[int(secret.integers(2))])
    _small(b, small_p, first)
    _wide(b)
    _arrays(b, first)
    _anywhere(b, first)
    for name in inputs:
        if name != "normal":
            x = b.array(draw_inputs(name, secret, LARGE_N))
            for p in rates:
                b.call("inputs", b.layer(p), View(x, 0, LARGE_N, (80, 100)), inputs=name)
    return b.finish(all_rates, inputs)


def _greet(b: Builder) -> None:
    """A public first call, the only one whose printed text is kept."""
    public = b.array(b.layers.normal(size=8))
    key = b.layer(0.3)
    b.call("greeting", key, View(public, 0, 8, (8,)))
    b.public = (len(b.operations), len(b.arrays))


def _large(b: Builder, rates: Sequence[float], first: int, second: int) -> None:
    shapes = [LARGE_SHAPES[k] for k in b.secret.permutation(len(LARGE_SHAPES))]
    keys = []
    for j, p in enumerate(rates):
        # what is published is measured on layers that were given their randomness: a replay repeats it
        fresh = j >= len(rates) - len(FRESH_STRATA)
        keys.append(b.layer(p, "default" if fresh and j % 2 else ("seed", "generator")[j % 2]))
    for j, key in enumerate(keys):  # all are made before the first is called: layers share nothing
        shape = shapes[j % len(shapes)]
        again = first if j % 2 == 0 else second  # at every second rate the same numbers twice: masks must differ
        b.call("large", key, View(first, 0, LARGE_N, shape))
        b.call("large", key, View(again, 0, LARGE_N, shape), forward=j % 2 == 1)


def _small(b: Builder, p: float, first: int) -> None:
    key = b.layer(p)
    for c in range(SMALL_CALLS):
        start = (c % SMALL_INPUTS) * SMALL_N
        if c in (24, 48):  # evaluation may not touch the coins: the calls behind it would have the same mask
            b.do("call", key, "eval", [], None)
            b.call("evaluation", key, View(first, 0, SMALL_N, (SMALL_N,)))
            b.do("call", key, "train", [], None)
        dtype, shape = ("<f8", "<f4")[c >= SMALL_CALLS // 2], SMALL_SHAPES[c % 4]
        axes = tuple(reversed(range(len(shape)))) if c % 24 >= 12 else ()
        b.call("small", key, View(first, start, start + SMALL_N, shape, 1, dtype, axes))


def _wide(b: Builder) -> None:
    """One of the two calls is in one dimension, the other in several; one in single precision, the other not."""
    wide, key = b.array(draw_inputs("normal", b.secret, WIDE_N)), b.layer(0.3)
    dtypes, flat = b.dice.sample(("<f8", "<f4"), 2), b.dice.random() < 0.5
    shape: tuple[int, ...] = b.dice.choice(FLAT if flat else FOLDED)
    b.call("wide", key, View(wide, 0, math.prod(shape), shape, dtype=dtypes[0]))
    b.look("wide")
    rows, n = b.dice.choice((2, 17, 150)), WIDE_AGAIN_N - b.dice.randrange(LESS)
    shape = b.dice.choice(((rows, n // rows), (n // rows, rows), (rows, 5, n // rows // 5))) if flat else (n,)
    b.call("wide again", key, View(wide, 0, math.prod(shape), shape, dtype=dtypes[1]))
    n = b.dice.randint(8_000, 16_000)
    b.do("call", key, "eval", [], None)
    b.call("evaluation", key, View(wide, n, 2 * n, (n,)))
    b.look("evaluation")
    for call in b.dice.sample(b.calls["large"], 2):
        n = b.dice.randint(*AGAIN_N)
        b.call("anywhere", b.operations[call.operation][1], View(wide, n, 2 * n, (n,)))


def _anywhere(b: Builder, first: int) -> None:
    """Training and evaluation by turns at rates from end to end, and p = 0."""
    low, high = ANYWHERE
    for j in b.dice.sample(range(ANYWHERE_CALLS), ANYWHERE_CALLS):
        p = round(low + (high - low) * (j + b.dice.random()) / ANYWHERE_CALLS, 6)
        key = b.layer(p, b.dice.choice(("seed", "generator")))
        b.call_with_anything("anywhere", key, first)
        if j % 2:
            b.do("call", key, "eval", [], None)
            b.call_with_anything("evaluation", key, first)
            b.do("call", key, "train", [True], None)
            b.call_with_anything("anywhere", key, first)
    for ends in (HARDLY_ANY, NEARLY_ALL):
        b.call("anywhere", b.layer(b.dice.uniform(*ends)), View(first, 0, LARGE_N, (LARGE_N,)))
    b.call("anywhere", b.layer(ALMOST_ONE), View(first, 0, 500, (500,)))
    b.layer(ALMOST_ZERO)
    for number in range(len(KINDS)):
        b.call_with_anything("p = 0", b.layer(0.0, mark=f"p = 0, {number}"), first)


def _arrays(b: Builder, first: int) -> None:
    """float32 and strides; tiny and empty arrays; the input afterwards."""
    key = b.layer(0.3, "generator")
    for step, dtype in ((1, "<f4"), (3, "<f8"), (-2, "<f4"), (-3, "<f8")):
        shape = ((2000,), (50, 40))[step % 2]
        b.call("layouts", key, View(first, 0, 2000 * abs(step), shape, step, dtype))
    key = b.layer(0.3)
    b.call("tiny", key, View(first, 0, 100, (100,), dtype="<f4"))
    for n in TINY_SIZES:
        b.call("tiny", key, View(first, 0, n, (n,)))
        if n == 21:
            b.look("tiny")
    for empty, dtype in EMPTY:
        b.call("tiny", key, View(first, 0, 0, empty, dtype=dtype))
    b.call("tiny", key, View(first, 0, 64, (8, 8), axes=(1, 0)))
    b.call("tiny", key, View(first, 0, 64, (32,), step=-2))
    plain = View(first, 0, 512, (512,))
    views = (
        plain,
        View(first, 512, 1024, (512,)),
        View(first, 0, 512, (16, 32)),
        View(first, 0, 64, (64,), dtype="<f4"),
    )
    for number, view in enumerate((*views, plain._replace(locked=True))):
        b.call("looked at", key, view)
        b.look("looked at")
        if number:
            b.look("looked at", back=1)


def _modes(b: Builder, first: int) -> None:
    key = b.layer(0.3, "default")
    b.do("get", key, "training", mark="training at first")
    for shape, dtype in (((16, 16), "<f8"), ((4, 4, 4), "<f8"), ((2, 4, 2, 4), "<f8"), ((64,), "<f4")):
        b.call("tiny", key, View(first, 0, math.prod(shape), shape, dtype=dtype))  # what is raised here may be told
    b.do("call", key, "eval", [], None, mark="eval()")
    b.do("get", key, "training", mark="training after eval()")
    b.call("evaluation", key, View(first, 0, 512, (512,)))
    b.call("evaluation", key, View(first, 0, 256, (16, 16), dtype="<f4"), forward=True)
    b.call("evaluation", key, View(first, 0, 0, (0, 3)))
    b.do("call", key, "train", [], None, mark="train()")
    b.do("get", key, "training", mark="training after train()")
    b.do("call", key, "train", [], None, mark="a second train()")
    b.do("get", key, "training", mark="training after a second train()")
    b.call("train again", key, View(first, 0, 512, (512,)))
    b.do("call", key, "train", [False], None, mark="train(False)")
    b.do("get", key, "training", mark="training after train(False)")
    b.do("call", key, "train", [], None, {"mode": False}, mark="train(mode=False)")
    b.call("evaluation", key, View(first, 0, 512, (512,)), forward=True)
    b.call("evaluation", key, View(b.array(np.array(SPECIAL)), 0, len(SPECIAL), (len(SPECIAL),)))
    b.do("call", key, "train", [True], None, mark="train(True)")
    b.do("get", key, "training", mark="training after train(True)")
    for _ in range(2):
        b.do("call", key, "eval", [], None)
    b.do("get", key, "training", mark="training after a second eval()")
    b.do("call", key, "train", [], None)
    b.do("get", key, "training", mark="training after eval() twice and train()")
    key = b.layer(0.3)
    b.do("call", key, "eval", [], None, mark="a first eval()")
    b.call("evaluation", key, View(first, 0, 256, (256,)))
    for rng in (None, 5):
        b.call("tiny", b.new(0.3, [], {"p": 0.3, "rng": rng}, mark=f"rng = {rng}"), View(first, 0, 100, (100,)))
    key = b.layer(0.0, mark="p = 0")
    b.call("p = 0", key, View(first, 0, 512, (512,)))
    b.call("p = 0", key, View(first, 0, 256, (16, 16)), forward=True)
    b.new(0.0, [0], mark="p = 0 (int)")
    for mark in ("default p", "default p again"):  # layers that are left to themselves share nothing either
        b.call("default p", b.new(0.5, [], mark=mark), View(first, 0, 2000, (2000,)))
    _relatives(b, View(first, 0, 2000, (2000,)))
    for p in BAD_P:
        b.do("new", -1, CLASS, [p], {}, mark=f"bad {p}")


def _relatives(b: Builder, view: View) -> None:
    """Layers that could be taken for one another: their masks have nothing in common all the same."""
    for _ in range(2):
        b.call("twins", b.layer(0.5, "generator"), view)
    seed = int(b.layers.integers(2**32))
    for _ in range(2):  # they draw from one Generator
        b.call("twins", b.new(0.5, [], {"p": 0.5, "rng": {"generator": seed}}), view)
    key = b.layer(0.4)
    b.call("again", key, view)
    b.call("again", key, view._replace(again=True))
    b.chain("again", key)
    small = view._replace(stop=100, shape=(100,))
    for _ in range(TURNS):  # one has gone when the next is made, which is likely to lie where it lay
        for group, p, x in (("twins", 0.5, view), ("anywhere", 0.3, small)):
            key = b.new(p, [p])
            b.call(group, key, x)
            b.do("drop", key)
    seed = int(b.layers.integers(2**31))
    for more in (0, 1, 1000, 1 << 16):  # seeds next to each other, and the same to so many bits or digits
        key = b.new(0.5, [0.5, seed + more])
        for _ in range(2):
            b.call("neighbours", key, view)


def curve_plan(seed: int, rates: Sequence[float], n: int, inputs: str = "normal") -> Plan:
    """``n`` fresh numbers at each rate, in rows of 16,000, for figures and tables; judges nothing."""
    secret, layers = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    b = Builder(secret, layers)
    row = 16_000
    for p in rates:
        x = b.array(draw_inputs(inputs, secret, n))
        key = b.layer(p)
        for start in range(0, n, row):
            stop = min(start + row, n)
            b.call("curve", key, View(x, start, stop, (stop - start,)), inputs=inputs)
    return b.finish(rates, (inputs,))
