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
RESULT = "result"  # in place of a view: what the call before gave back
POWER = {"<f8": 60, "<f4": 70}  # powers of 2 by which a number may be larger or smaller and stays normal, times any s
KINDS = [(folds, dtype) for folds in range(4) for dtype in ("<f8", "<f4")]  # one dimension and so many more
SIZES = (0, 1, 0, -1)  # of the numbers: as they are, large, small

Floats = npt.NDArray[np.float64]


class View(NamedTuple):
    """Part of one of the plan's arrays as the layer gets it; ``worker.take`` makes the same array over there.

    ``axes``: their order, if not as they are; ``power``: times 2 to it, which is exact; ``relu``: 0 for what is below;
    ``locked``: read-only; ``again``: the very object that was handed over last.
    """

    array: int
    start: int
    stop: int
    shape: tuple[int, ...]
    step: int = 1
    dtype: str = "<f8"
    axes: tuple[int, ...] = ()
    power: int = 0
    relu: bool = False
    locked: bool = False
    again: bool = False

    def encoded(self) -> list[Any]:
        return [*self]

    def of(self, arrays: Sequence[Floats]) -> npt.NDArray[Any]:
        """Shares its numbers with the plan's array where it can: on this side nobody writes to it."""
        part = arrays[self.array][self.start : self.stop]
        part = part.astype(self.dtype, copy=False)
        part = part * part.dtype.type(2.0**self.power) if self.power else part
        part = np.maximum(part, 0) if self.relu else part
        part = part[:: self.step].reshape(self.shape)
        return part.transpose(self.axes) if self.axes else part


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
    chains: tuple[tuple[int, int, slice], ...]  # a call whose output went into the next, and the same of that output
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
        self.decks: dict[str, list[tuple[int, str, int]]] = {}
        self.looks: list[tuple[Call, int, slice]] = []
        self.chains: list[tuple[int, int, slice]] = []
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
        seed = int(self.layers.integers(2**32))
        if rng == "default":
            return self.new(p, [p], mark=mark)
        if rng == "generator":
            return self.new(p, [], {"p": p, "rng": {"generator": seed}}, mark=mark)
        return self.new(p, [p, seed], mark=mark)

    def new(self, p: float, given: list[Any], named: dict[str, Any] | None = None, mark: str | None = None) -> int:
        """A new layer made with just these arguments, which mean the rate ``p``."""
        key = len(self.rate)
        self.rate[key] = p
        self.do("new", key, CLASS, given, named or {}, mark=mark)
        return key

    def call(self, group: str, key: int, view: View, forward: bool = False, inputs: str = "normal") -> None:
        at = self.do("call", key, "forward" if forward else "__call__", [], view.encoded())
        self.calls.setdefault(group, []).append(Call(at, self.rate[key], view, inputs))

    def look(self, group: str, back: int = 0, most: int = 512) -> None:
        """After the group's last call: what has become of its input, or of that of the call before (``back`` = 1)?
        At most so many numbers, anywhere in it."""
        call = self.calls[group][-1 - back]
        size = math.prod(call.view.shape)
        start = self.dice.randrange(max(1, size - most + 1))
        part = slice(start, min(size, start + most))
        self.looks.append((call, self.do("argument", part.start, part.stop, back), part))

    def chain(self, group: str, key: int) -> None:
        """Hand the output of the group's last call to a layer as its input, and see whether it stays as it was."""
        before = self.calls[group][-1]
        self.do("call", key, "__call__", [], RESULT)
        part = slice(0, math.prod(before.view.shape))
        self.chains.append((before.operation, self.do("argument", part.start, part.stop, 0), part))

    def call_with_anything(self, group: str, key: int, array: int) -> None:
        """With part of an array, of a size, shape, dtype, layout and magnitude that nobody can foresee, now and then
        with zeros; in eight calls of a group, each number of dimensions comes with each dtype, and each dtype with
        large and small numbers."""
        dice, deck = self.dice, self.decks.setdefault(group, [])
        if not deck:
            signs = {dtype: dice.sample(SIZES, len(SIZES)) for dtype in POWER}
            deck += [(folds, dtype, signs[dtype][folds]) for folds, dtype in dice.sample(KINDS, len(KINDS))]
        folds, dtype, sign = deck.pop()
        rows = [dice.randint(1, 8) for _ in range(folds)]
        shape = (*rows, dice.randint(200, 1500) // math.prod(rows) + 1)
        step = dice.choice((1, 1, 2, 3, -1, -2))
        wanted = math.prod(shape) * abs(step)
        start = dice.randint(0, self.arrays[array].size - wanted)
        axes = tuple(dice.sample(range(len(shape)), len(shape))) if dice.random() < 0.7 else ()
        power = sign * (POWER[dtype] - dice.randrange(9))
        view = View(array, start, start + wanted, shape, step, dtype, axes, power, relu=dice.random() < 0.25)
        self.call(group, key, view, forward=dice.random() < 0.5)
        self.look(group)

    def finish(self, rates: Sequence[float], inputs: Sequence[str]) -> Plan:
        return Plan(
            operations=tuple(self.operations),
            arrays=tuple(self.arrays),
            calls={name: tuple(group) for name, group in self.calls.items()},
            looks=tuple(self.looks),
            chains=tuple(self.chains),
            marks=self.marks,
            rates=tuple(rates),
            inputs=tuple(inputs),
            public=self.public,
            secret_from=self.secret_from,
            layer_seed=int(self.layers.integers(2**63)),
        )
