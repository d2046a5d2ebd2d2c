"""The public stages: fixed questions that anybody may know, and the only ones from which words and numbers are told.

They hold what names the known mistakes, and give the measurements that are shown. To pass them is worth nothing. The
first is one call, during which what the answer prints is heard; the second is short and exact; the third has coins
enough to tell one law of them from another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.exercises.dropout.plan import CLASS, TRUTH, Builder, Floats, Seeds, Stage, View
from grader.exercises.dropout.theory import INPUT_MEAN

N = 8_000  # numbers in a call at a published rate, which has two
OTHER_RATES = (0.15, 0.85)  # fixed ones, at which a scale that is right at the published ones may fail
SHAPES = ((8000,), (10, 10, 8, 10), (80, 100), (2, 4000), (20, 20, 20), (2000, 4))
SHORTER = ((50, 50), (5, 5, 10, 10))  # twice the same: a result may not be a buffer
BAD_P = (1.0, 1, 2, -1, 1.0 + 2**-52, 1.5, -0.1, -1e-12, float("inf"), float("-inf"), float("nan"))
SPECIAL = (math.nan, math.inf, -math.inf, -0.0, 5e-324, -1e308, 1e-300, 1.0)
TURNS = 5  # of layers that come and go: where one lies is now and then another's by then


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


def greeting_stage(seeds: Seeds, layer_seed: int) -> Stage:
    """The first call of all."""
    b = Builder(None, [draw_inputs("normal", np.random.default_rng(0), 1024)], seeds, public=True)
    _call_once(b, b.layer(0.3), View(0, 0, (8,)))
    return b.finish(layer_seed)


def exact_stage(before: Stage, rates: Sequence[float], seeds: Seeds) -> Stage:
    """Short questions about everything, for these published rates."""
    b = Builder(before, [], seeds, public=True)
    _modes(b)
    _arrays(b)
    for k, p in enumerate((*rates, *OTHER_RATES)):
        _call_once(b, b.layer(p, ("seed", "generator")[k % 2]), View(0, 0, (16, 16)))
    for p in BAD_P:
        b.ask(f"p = {p}", (), "bad p", "new", -1, CLASS, [p], {})
    b.ask("p = np.float32(nan)", (), "bad p", "new", -1, CLASS, [{"float32": math.nan}], {})
    return b.finish()


def coins_stage(before: Stage, rates: Sequence[float], inputs: Sequence[str], seeds: Seeds) -> Stage:
    """Large calls at the published rates, for each kind of inputs, and layers that could be taken for one another."""
    rng = np.random.default_rng(1)  # the same numbers for everybody
    others = [name for name in inputs if name != "normal"]
    arrays = [draw_inputs("normal", rng, 2 * N), *(draw_inputs(name, rng, N) for name in others)]
    b = Builder(before, arrays, seeds, public=True)
    _rates(b, rates)
    _relatives(b)
    for number, name in enumerate(others, 2):
        for p in rates:
            _call_once(b, b.layer(p), View(number, 0, (80, 100)), name)
    return b.finish()


def _call_once(b: Builder, key: int, view: View, inputs: str = "normal") -> None:
    b.call(key, view, inputs=inputs)
    b.drop(key)


def _modes(b: Builder) -> None:
    key = b.layer(0.3, "left out")
    b.ask("training at first", TRUTH[True], "interface", "get", key, "training")
    for shape, dtype in (((16, 16), "<f8"), ((4, 4, 4), "<f8"), ((2, 4, 2, 4), "<f8"), ((64,), "<f4")):
        b.call(key, View(0, 0, shape, dtype))
    for way, training in (
        ((("eval", None),), False),
        ((("train", None),), True),
        ((("train", None),), True),
        ((("train", False),), False),
        ((("mode", False),), False),
        ((("train", True),), True),
        ((("eval", None), ("eval", None)), False),
        ((("train", None),), True),
        ((("assign", False),), False),
        ((("assign", True),), True),
    ):
        b.switch(key, way, training)
        b.call(key, View(0, 0, (512,)), forward=way[0][0] != "eval")
        if not training:
            b.call(key, View(0, 0, (16, 16), "<f4"))
    b.switch(key, (("eval", None),), False)
    b.call(key, View(0, 0, (0, 3)))
    special = ("put", 0, 1, SPECIAL)
    b.call(key, View(0, 0, (len(SPECIAL),), steps=(special,)), plain=False)
    b.drop(key)
    key = b.layer(0.3)
    b.switch(key, (("eval", None),), False)  # before its first call
    _call_once(b, key, View(0, 0, (256,)))
    for rng in (None, 5):
        _call_once(b, b.new(0.3, [], {"p": 0.3, "rng": rng}), View(0, 0, (100,)))
    key = b.new(0.0, [0.0, b.seeds.draw()], fault="p = 0")
    b.call(key, View(0, 0, (512,)))
    b.call(key, View(0, 0, (16, 16)), forward=True)
    b.call(key, View(0, 0, (16, 16), "<f4"))
    b.drop(key, b.new(0.0, [0], fault="p = 0"))


def _arrays(b: Builder) -> None:
    """Layouts, sizes and dtypes; x afterwards; one call's output handed to the next."""
    key = b.layer(0.3, "generator")
    shapes: tuple[tuple[int, ...], ...] = ((0,), (0, 3), (1,), (2,), (5,), (13,), (34,), (100,))
    views = [View(0, 0, shape, dtype) for shape, dtype in zip(shapes, ("<f8", "<f4") * 4, strict=True)]
    views += [
        View(0, 0, (512,)),
        View(0, 512, (512,)),
        View(0, 0, (16, 32)),
        View(0, 0, (4, 4, 4)),
        View(0, 0, (400,), "<f4", stride=3),
        View(0, 0, (20, 20), stride=-2),
        View(0, 0, (8, 50), axes=(1, 0)),
        View(0, 0, (20, 1), repeat=(1, 20)),
        View(0, 0, (512,), locked=True),
    ]
    for view in views:
        b.call(key, view)
    b.drop(key)
    key = b.layer(0.42)
    first = b.call(key, View(0, 0, (512,)))
    b.call(key, first.view, earlier={"again": first.number})
    b.call(key, first.view, earlier={"result": first.number}, plain=False)
    b.drop(key)


def _rates(b: Builder, rates: Sequence[float]) -> None:
    """Two calls at every rate. All layers are made before the first is called: they share nothing."""
    keys = [b.layer(p, ("seed", "generator")[k % 2]) for k, p in enumerate((*rates, *OTHER_RATES))]
    for k, key in enumerate(keys):
        first, second = (SHAPES[(2 * k + more) % len(SHAPES)] for more in (0, 1))
        if k >= len(rates):
            first = second = SHORTER[k % len(SHORTER)]
        b.call(key, View(1, 0, first))
        b.call(key, View(1, N * (k % 2), second), forward=k % 2 == 1)  # at every second rate the same numbers twice
        b.drop(key)


def _relatives(b: Builder) -> None:
    """Layers that could be taken for one another: their masks have nothing in common all the same."""
    view, small = View(1, 0, (500,)), View(1, 0, (100,))
    shared = {"p": 0.5, "rng": {"generator": b.seeds.draw()}}
    for pair in (
        [b.new(0.5, []), b.new(0.5, [])],
        [b.layer(0.5, "generator"), b.layer(0.5, "generator")],
        [b.new(0.5, [], shared), b.new(0.5, [], shared)],  # they draw from one Generator
    ):
        for key in pair:
            b.call(key, view)
        b.drop(*pair)
    for _ in range(TURNS):  # one has gone when the next is made, which is likely to lie where it lay
        for p, x in ((0.5, view), (0.3, small)):
            _call_once(b, b.new(p, [p]), x)
    seed = b.seeds.draw()
    for more in (0, 1):  # seeds next to each other
        key = b.new(0.5, [0.5, b.seeds.take(seed + more) if more else seed])
        for _ in range(2):
            b.call(key, view)
        b.drop(key)
