"""The decks that coordinates are dealt from, and the lives of layers that a dealer puts together from them.

Each coordinate is dealt from a shuffled deck, so that every value has its share in every grading and which values meet
is left to chance; what must meet (dimensions and sizes) is dealt together. The decks' contents are the domain as
EXERCISE.md lists it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grader.exercises.dropout.plan import EVAL, TRAIN, Step, View

STRATA = ((0.10, 0.25), (0.34, 0.46), (0.74, 0.82), (0.83, 0.90))  # away from the published rates
TYPED = (*(k / 20 for k in range(1, 20)), 0.01, 0.02, 0.12, 0.33, 0.99, 1 / 3, 2 / 3, 0.125, 0.375, 0.625)
EIGHTHS = (1, 2, 3, 5, 6, 7)  # the rates that single precision changes nothing about
FEATURES = (
    (64, 128),
    (32, 784),
    (128, 64),
    (256, 32),
    (16, 512),
    (100, 20),
    (64, 10),
    (512, 16),
    (128, 128),
    (200, 70),
)
IMAGES = (
    (8, 3, 32, 32),
    (4, 16, 14, 14),
    (2, 8, 28, 28),
    (16, 1, 28, 28),
    (32, 8, 7, 7),
    (2, 3, 16, 16),
    (1, 3, 64, 64),
)
PRACTICE: dict[int, tuple[tuple[int, ...], ...]] = {  # large batches, sequences and images
    1: ((16384,), (15_000,), (12_345,), (11_025,)),
    2: ((256, 64), (128, 128), (200, 70), (32, 512), (128, 100)),
    3: ((8, 32, 64), (4, 64, 48), (16, 28, 28), (2, 100, 64), (32, 20, 20)),
    4: ((4, 16, 14, 14), (2, 8, 28, 28), (16, 1, 28, 28), (1, 3, 64, 64), (4, 3, 32, 32)),
}
LAYOUTS = ("C", "C", "C", "F", "transposed", "stride", "negative", "broadcast", "locked")
NAN, INF = math.nan, math.inf
# What becomes of normal numbers, in double and in single precision.
VALUES: dict[str, tuple[tuple[Step, ...], ...]] = {
    "normal": ((),),
    "uniform": ((("times", 7.0), ("modulo", 1.0), ("plus", -0.500001)),),
    "heavy": ((("cube",),),),
    "signs": ((("sign",),),),
    "shifted": ((("plus", 3.0),),),
    "sorted": ((("sort",),),),
    "constant": ((("times", 0.0), ("plus", 1.0)), (("times", 0.0), ("plus", -0.1))),
    "ties": ((("times", 2.0), ("round",), ("plus", 0.25)),),
    "scaled": ((("times", 1e-6),), (("times", 1e4),)),
    "levels": ((("round",),),),
    "relu": ((("at least", 0.0),),),
    "binary": ((("at least", 0.0), ("sign",)),),
    "zeros": ((("times", 0.0),),),
    "special": ((("put", 1, 5, (NAN, INF, -INF, 0.0, -0.0, NAN)),), (("put", 0, 2, (NAN, INF, -INF)),)),
    "huge": ((("times", 1e300),), (("times", 1e33),)),
    "small": ((("times", 1e-290),), (("times", 1e-30),)),
    "denormal": ((("times", 1e-310),), (("times", 1e-41),)),
}
PLAIN = ("normal", "uniform", "heavy", "signs", "shifted", "sorted", "constant", "ties", "scaled")
BY_PRECISION = ("huge", "small", "denormal")  # the second of their forms is for single precision
POOL = 1 << 15


class Rate(NamedTuple):
    """A rate as it is handed over, the number that it is, and the part of the domain that it comes from."""

    given: Any
    p: float
    region: str


def named(p: float) -> str:
    """A published rate's part: itself, as many may know it and be wrong there alone."""
    return f"published {p:g}"


@dataclass
class Deck:
    """Cards, one after another at random, and all of them again when they are through."""

    dice: random.Random
    cards: Sequence[Any]
    left: list[Any] = field(default_factory=list)

    def draw(self) -> Any:
        left = self.left or list(self.cards)
        at = int(self.dice.random() * len(left))
        left[at], left[-1] = left[-1], left[at]
        self.left = left
        return left.pop()


class Turn(NamedTuple):
    """A call of a layer that is still to be made: its view and everything else that is drawn."""

    view: View
    values: str
    layout: str
    training: bool
    again: str = ""
    run: bool = False

    @property
    def part(self) -> tuple[int, ...]:
        """The shape of one call's array."""
        return self.view.seen[1:] if self.run else self.view.seen


@dataclass
class Life:
    """What one layer goes through."""

    rate: Rate
    rng: str
    turns: list[Turn]
    seed: int | None = None


class Dealer:
    """Draws lives."""

    def __init__(self, dice: random.Random, published: Sequence[float], array: int, largest: int) -> None:
        self.dice, self.array, self.largest = dice, array, largest
        deal: Callable[..., Deck] = lambda *cards: Deck(dice, cards)  # noqa: E731
        kinds = [*["published"] * 5, *STRATA, *["typed"] * 7, *["uniform"] * 4, "float32", "float32"]
        self.kind, self.published, self.typed = deal(*kinds), deal(*published), deal(*TYPED)
        self.dtype, self.layout = deal("<f8", "<f4"), deal(*LAYOUTS)
        self.values, self.odd = deal(*["normal"] * 14, *VALUES), deal(*["special"] * 9, *VALUES)
        self.rng = deal("left out", "None", "small seed", "seed", "seed", "large seed", "generator", "generator")
        self.train, self.evaluate = deal(*[TRAIN[0]] * 6, *TRAIN), deal(*EVAL)
        self.zero = deal(0, 0.0, {"float64": 0.0}, {"int64": 0})
        self.count, self.source = deal(1, 1, 2, 3), deal("", "", "", "", "again", "result")

    def rate(self, kind: Any = None) -> Rate:
        kind, u = kind or self.kind.draw(), self.dice.random()
        if kind == "published":
            p = self.published.draw()
            kind = named(p)
        elif kind == "typed":
            p = self.typed.draw()
        elif kind == "uniform":
            p = max(u, 1e-6)
        elif kind == "float32":
            p = self.dice.choice(EIGHTHS) / 8
            return Rate({"float32": p}, p, kind)
        elif kind == "zero":
            return Rate(self.zero.draw(), 0.0, kind)
        else:
            low, high = kind
            p, kind = round(low + (high - low) * u, 6), f"stratum {low}"
        # a float64 of numpy's makes float32 arrays wider, which is a trap of NumPy's and not of the formula
        return Rate({"float64": p} if self.dice.random() < 0.15 else p, p, kind)

    def towards_zero(self, low: float = 1, high: float = 8) -> Rate:
        """p from 10 to the minus ``high`` to 10 to the minus ``low``."""
        return Rate(p := 10.0 ** -self.dice.uniform(low, high), p, "near 0")

    def towards_one(self, low: float, high: float) -> Rate:
        """1 - p from 10 to the minus ``high`` to 10 to the minus ``low``."""
        return Rate(p := 1 - 10.0 ** -self.dice.uniform(low, high), p, "near 1")

    def shape(self, dims: int, n: float) -> tuple[int, ...]:
        """About ``n`` numbers in so many dimensions; one in two times the shape of practice."""
        if 300 < n <= self.largest and self.dice.random() < 0.5:
            table = {1: ((1 << int(math.log2(n)),),), 2: FEATURES, 4: IMAGES}.get(dims, ())
            fits = [shape for shape in table if n / 2 < math.prod(shape) < min(2 * n, self.largest)]
            if fits:
                return self.dice.choice(fits)
        if dims > 1 and self.dice.random() < 0.15:
            return (max(2, round(n ** (1 / dims))),) * dims
        parts = [self.dice.gammavariate(1.5, 1.0) + 1e-9 for _ in range(dims)]
        lengths = [max(1, round(n ** (part / sum(parts)))) for part in parts]
        longest = lengths.index(max(lengths))  # rounding it changes the size least
        lengths[longest] = max(1, int(n * lengths[longest] / math.prod(lengths)))
        return tuple(lengths)

    def turn(
        self,
        rate: Rate,
        shape: tuple[int, ...],
        training: bool = True,
        values: str = "",
        dtype: str = "",
        layout: str = "",
    ) -> Turn:
        identity = not training or rate.p == 0
        values = values or (self.odd if identity else self.values).draw()
        dtype = dtype or self.dtype.draw()
        if isinstance(rate.given, dict):  # computed in the rate's own precision
            dtype = dtype if "float32" in rate.given else "<f8"
            values = values if values in PLAIN or identity else "normal"
        forms = VALUES[values]
        steps = forms[int(self.dice.random() * len(forms)) if values not in BY_PRECISION else dtype == "<f4"]
        layout = layout or self.layout.draw()
        start = int(self.dice.random() * POOL)
        return Turn(self._view(start, shape, dtype, steps, layout), values, layout, training)

    def _view(self, start: int, shape: tuple[int, ...], dtype: str, steps: tuple[Step, ...], layout: str) -> View:
        plain = View(self.array, start, shape, dtype, steps)
        order = list(range(len(shape)))
        if layout == "F":
            return plain._replace(shape=shape[::-1], axes=tuple(order[::-1]))
        if layout == "transposed":
            axes = self.dice.sample(order, len(order))
            return plain._replace(shape=tuple(shape[axes.index(k)] for k in order), axes=tuple(axes))
        if layout in ("stride", "negative"):
            return plain._replace(stride=self.dice.choice((2, 3) if layout == "stride" else (-1, -2)))
        if layout == "broadcast":
            axis = self.dice.choice(order)
            return plain._replace(shape=(*shape[:axis], 1, *shape[axis + 1 :]), repeat=(axis, shape[axis]))
        return plain._replace(locked=layout == "locked")

    def run(self, rate: Rate, count: int, shape: tuple[int, ...]) -> Turn:
        """So many calls in a row, all of one shape and dtype."""
        return self.turn(rate, (count, *shape), values="normal")._replace(run=True)

    def series(self, turn: Turn, count: int) -> list[Turn]:
        """The same again and again, with other numbers."""
        return [turn._replace(view=turn.view._replace(start=int(self.dice.random() * POOL))) for _ in range(count)]

    def life(
        self, rate: Rate, dims: int, n: float, turns: int, values: str = "", habit: bool = False, practice: bool = False
    ) -> Life:
        """``turns`` calls, three times in five (with ``habit`` always) of one shape and dtype, as in training."""
        habit = habit or self.dice.random() < 0.6
        shape = self.dice.choice(PRACTICE[dims]) if practice else self.shape(dims, n)
        first = self.turn(rate, shape, values=values)
        lived = [first]
        for _ in range(turns - 1):
            if not habit:
                lived.append(self.turn(rate, self.shape(dims, n)))
                continue
            source = self.source.draw() if first.values in PLAIN else ""
            again = self.turn(rate, shape, dtype=first.view.dtype)
            lived.append(lived[-1]._replace(again=source) if source and not lived[-1].again else again)
        return Life(rate, self.rng.draw(), lived)
