"""What a plan consists of: views of arrays, calls with them, and the operations for the sandbox's worker."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

CLASS = "VarianceStabilizedDropout"
KINDS = [(folds, dtype) for folds in range(4) for dtype in ("<f8", "<f4")]  # one dimension and so many more

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
    looks: tuple[tuple[Call, int, slice], ...]  # a call, and the operation that shows this part of its input afterwards
    marks: dict[str, int]
    rates: tuple[float, ...]
    inputs: tuple[str, ...]
    public: tuple[int, int]
    secret_from: int  # the first operation by which a layer may know a rate drawn afresh
    layer_seed: int


class Builder:
    """Collects operations while the plan is written down, and remembers where the evidence will stand."""

    def __init__(self, secret: np.random.Generator, layers: np.random.Generator) -> None:
        self.secret = secret
        self.dice = random.Random(int(secret.integers(2**63)))  # quicker for single numbers
        self.layers = layers
        self.operations: list[list[Any]] = []
        self.arrays: list[Floats] = []
        self.calls: dict[str, list[Call]] = {}
        self.decks: dict[str, list[tuple[int, str]]] = {}
        self.looks: list[tuple[Call, int, slice]] = []
        self.marks: dict[str, int] = {}
        self.rate: dict[int, float] = {}
        self.public = (0, 0)
        self.secret_from = 0

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

    def look(self, group: str, most: int = 512) -> None:
        """After the group's last call: what has become of its input? At most so many numbers, anywhere in it."""
        call = self.calls[group][-1]
        size = math.prod(call.view.shape)
        start = self.dice.randrange(max(1, size - most + 1))
        part = slice(start, min(size, start + most))
        self.looks.append((call, self.do("argument", part.start, part.stop), part))

    def call_with_anything(self, group: str, key: int, array: int) -> None:
        """With part of an array, of a size, shape, dtype and layout that nobody can foresee; in eight calls of a group,
        each number of dimensions comes with each dtype."""
        dice, deck = self.dice, self.decks.setdefault(group, [])
        if not deck:
            deck += dice.sample(KINDS, len(KINDS))
        folds, dtype = deck.pop()
        rows = [dice.randint(1, 8) for _ in range(folds)]
        shape = (*rows, dice.randint(200, 1500) // math.prod(rows) + 1)
        step = dice.choice((1, 1, 2, 3, -1, -2))
        wanted = math.prod(shape) * abs(step)
        start = dice.randint(0, self.arrays[array].size - wanted)
        view = View(array, start, start + wanted, shape, step, dtype, dice.random() < 0.5)
        self.call(group, key, view, forward=dice.random() < 0.5)
        self.look(group)

    def finish(self, rates: Sequence[float], inputs: Sequence[str]) -> Plan:
        return Plan(
            operations=tuple(self.operations),
            arrays=tuple(self.arrays),
            calls={name: tuple(group) for name, group in self.calls.items()},
            looks=tuple(self.looks),
            marks=self.marks,
            rates=tuple(rates),
            inputs=tuple(inputs),
            public=self.public,
            secret_from=self.secret_from,
            layer_seed=int(self.layers.integers(2**63)),
        )
