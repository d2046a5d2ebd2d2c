"""What a plan consists of: layers and calls of them, as operations for the sandbox's worker, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.sandbox.inside.handed import take

CLASS = "VarianceStabilizedDropout"

Floats = npt.NDArray[np.float64]
Step = tuple[Any, ...]


class View(NamedTuple):
    """Numbers of one of the plan's arrays as the layer gets them: what ``handed.take`` makes of it, here and there."""

    array: int
    start: int
    shape: tuple[int, ...]
    dtype: str = "<f8"
    steps: tuple[Step, ...] = ()
    stride: int = 1
    axes: tuple[int, ...] = ()
    repeat: tuple[int, ...] = ()
    locked: bool = False

    def of(self, arrays: Sequence[Floats]) -> npt.NDArray[Any]:
        x: npt.NDArray[Any] = take(arrays, self)  # type: ignore[arg-type]
        return x

    @property
    def seen(self) -> tuple[int, ...]:
        """The shape that the layer sees."""
        shape = self.shape
        if self.axes:
            shape = tuple([shape[axis] for axis in self.axes])
        if self.repeat:
            axis, count = self.repeat
            shape = (*shape[:axis], count, *shape[axis + 1 :])
        return shape

    @property
    def unusual(self) -> str:
        """How the array lies in memory, in words; empty if as most do."""
        marks = {
            "strided": self.stride != 1,
            "transposed": self.axes,
            "broadcast": self.repeat,
            "read-only": self.locked,
        }
        return ", ".join(word for word, there in marks.items() if there)


class Call(NamedTuple):
    """A call with an array: the operation of the plan that it is, its place among such calls, its layer and that one's
    rate, what is handed over (``earlier``: the array handed over, or got back, in an earlier call, or the former with
    the view's numbers in it) and in which mode. A run of calls is one, whose first axis they are.

    ``labels``: the values of the coordinates that the call was drawn with; calls that share one are pooled.
    ``plain``: all numbers are finite, none is zero, and times any s they stay in range, so that y/x is s. ``theta``:
    the parameter of another law that the layer was made with (see ``laws``).
    """

    operation: int
    number: int
    layer: int
    p: float
    view: View
    earlier: dict[str, Any] | None = None
    training: bool = True
    labels: tuple[Any, ...] = ()
    plain: bool = True
    inputs: str = "normal"
    theta: float | None = None


class Ask(NamedTuple):
    """A question that is no call with an array. ``wanted``: the texts that are right; empty: ``ValueError``."""

    operation: int
    about: str
    wanted: tuple[str, ...]
    fault: str


class Look(NamedTuple):
    """An operation that shows whether the arrays of the calls ``first`` to ``last`` have changed since."""

    operation: int
    first: int
    last: int


@dataclass(frozen=True)
class Stage:
    """Operations that are asked in one go, and which of them are evidence for what. Numbers count over all stages."""

    operations: tuple[list[Any], ...]
    arrays: tuple[Floats, ...]
    calls: tuple[Call, ...]
    asks: tuple[Ask, ...]
    looks: tuple[Look, ...]
    public: bool
    first_array: int = 0
    layer_seed: int = 0  # of the randomness that the layer draws from; in the first stage


class Seeds:
    """Seeds for the layers of a plan, no two of them the same: a right layer may make its coins of nothing else, and
    an int and a Generator made of it are one stream."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._taken: set[int] = set()
        self._bytes = b""

    def draw(self, bits: int = 62) -> int:
        seed = None
        while seed is None or seed in self._taken:
            self._bytes = self._bytes or self._rng.bytes(20 * 64)  # numpy's own work for a few takes as long
            seed, self._bytes = int.from_bytes(self._bytes[:20]) >> (160 - bits), self._bytes[20:]
        return self.take(seed)

    def take(self, seed: int) -> int:
        if seed in self._taken:
            raise ValueError(f"two layers would share the stream of the seed {seed}")
        self._taken.add(seed)
        return seed


# Ways into a mode: what is called or assigned, one after the other.
Way = tuple[tuple[str, Any], ...]
TRAIN: tuple[Way, ...] = (
    (),
    (("train", None),),
    (("train", True),),
    (("mode", True),),
    (("assign", True),),
    (("train", None), ("train", None)),
    (("eval", None), ("train", None)),
    (("train", False), ("train", True)),
    (("eval", None), ("assign", True)),
)
EVAL: tuple[Way, ...] = (
    (("eval", None),),
    (("train", False),),
    (("mode", False),),
    (("assign", False),),
    (("eval", None), ("eval", None)),
    (("assign", True), ("eval", None)),
)


class Builder:
    """Writes a stage down, and remembers where its evidence will stand."""

    def __init__(self, before: Stage | None, arrays: Iterable[Floats], seeds: Seeds, public: bool = False) -> None:
        self.seeds, self.public = seeds, public
        self.arrays = list(arrays)
        self.operations: list[list[Any]] = []
        self.calls: list[Call] = []
        self.asks: list[Ask] = []
        self.looks: list[Look] = []
        self.rates: dict[int, float] = {}
        self.training: dict[int, bool] = {}
        self._before = before
        self._first = before.calls[-1].number + 1 if before else 0
        self._first_array = before.first_array + len(before.arrays) if before else 0
        self._keys = max((call.layer for call in before.calls), default=-1) + 1 if before else 0

    def do(self, *operation: Any) -> int:
        self.operations.append(list(operation))
        return len(self.operations) - 1

    def ask(self, about: str, wanted: Iterable[str], fault: str, *operation: Any) -> None:
        self.asks.append(Ask(self.do(*operation), about, tuple(wanted), fault))

    def new(
        self, p: Any, arguments: Sequence[Any], named: dict[str, Any] | None = None, fault: str = "interface"
    ) -> int:
        """A new layer made with just these arguments, which mean the rate ``p``."""
        key = self._keys + len(self.rates)
        self.rates[key] = float(next(iter(p.values()))) if isinstance(p, dict) else float(p)
        self.training[key] = True
        self.ask("construction", ("object",), fault, "new", key, CLASS, [*arguments], named or {})
        return key

    def layer(self, p: Any, rng: str = "seed") -> int:
        """A new layer; its ``rng`` is left out or None, an int seed, or a Generator (which several may share)."""
        if rng in ("left out", "None"):
            return self.new(p, [p] if rng == "left out" else [p, None])
        seed = self.seeds.draw(160 if rng == "large seed" else 31 if rng == "small seed" else 62)
        value = {"generator": seed} if rng == "generator" else seed
        return self.new(p, [p, value]) if seed % 2 else self.new(p, [], {"p": p, "rng": value})

    def drop(self, *keys: int) -> None:
        """Let these layers go: what they hold is the next ones'."""
        for key in keys:
            self.do("drop", key)

    def switch(self, key: int, way: Way, training: bool) -> None:
        """Into a mode by this way; a layer is asked then whether it is there."""
        for name, mode in way:
            if name == "assign":
                self.ask(f"training = {mode}", ("set",), "interface", "set", key, "training", mode)
            else:
                given, named = ([], {"mode": mode}) if name == "mode" else ([] if mode is None else [mode], {})
                shown = f"mode={mode}" if named else "" if mode is None else str(mode)
                name = "train" if name == "mode" else name
                operation = ("call", key, name, given, None, *([named] if named else ()))
                self.ask(f"{name}({shown})", ("self",), "interface", *operation)
        if way:
            shown = "training, after it was switched,"
            self.ask(shown, TRUTH[training], "interface", "get", key, "training")
        self.training[key] = training

    def call(
        self,
        key: int,
        view: View,
        labels: tuple[Any, ...] = (),
        earlier: dict[str, Any] | None = None,
        forward: bool = False,
        plain: bool = True,
        inputs: str = "normal",
        run: bool = False,
    ) -> Call:
        method = "forward" if forward else "__call__"
        at = self.do("run" if run else "call", key, method, [], list(view) if earlier is None else earlier)
        number = self._first + len(self.calls)
        call = Call(at, number, key, self.rates[key], view, earlier, self.training[key], labels, plain, inputs)
        self.calls.append(call)
        return call

    def look(self, calls: int = 1) -> None:
        """Have the arrays of the last so many calls changed since?"""
        last = self._first + len(self.calls)
        self.looks.append(Look(self.do("look", last - calls, last), last - calls, last))

    def finish(self, layer_seed: int = 0, last: bool = False) -> Stage:
        """The arrays of the stage's calls are looked at once more; in the last stage, those of all calls there were."""
        self.look(len(self.calls) + last * self._first)
        return Stage(
            tuple(self.operations),
            tuple(self.arrays),
            tuple(self.calls),
            tuple(self.asks),
            tuple(self.looks),
            self.public,
            self._first_array,
            layer_seed,
        )


TRUTH = {True: ("True", "np.True_", "1"), False: ("False", "np.False_", "0")}  # how an attribute shows itself
