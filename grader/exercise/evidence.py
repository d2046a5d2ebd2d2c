"""Raw replies → pairs of input and output, and the notes that the checks take (R3 is judged here)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.exercise.plan import Call, Plan

Floats = npt.NDArray[np.floating[Any]]

IDENTITIES = ("evaluation", "p = 0")  # groups of calls that change nothing, and the faults of those that do
TOGETHER = 50_000  # numbers looked at in one go: enough for all the small calls, and still in the cache
SCALE_SPREAD = 1e-6  # y/x among kept elements; a right float32 layer deviates by 9e-8


@dataclass
class Notes:
    """Collects while the checks run. A fault is noted once, by its first sign; published rates are looked at first.

    ``secret_from``: from this operation on the submission's own words are kept back, since they could name a rate.
    """

    published: tuple[float, ...]
    secret_from: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    good: dict[str, str] = field(default_factory=dict)

    def fault(self, name: str, measured: str) -> None:
        self.faults.setdefault(name, measured)

    def limit(self, name: str, value: float, limit: float, measured: str) -> None:
        """A fault unless ``value`` ≤ ``limit``; NaN is a fault."""
        if not value <= limit:
            self.fault(name, measured)

    def knows(self, p: float) -> bool:
        """May this rate be named? The published ones may, and those of the fixed questions."""
        return p in (*self.published, 0.0, 0.3, 0.5)

    def told(self, operation: int) -> bool:
        """May it be shown what the submission said here?"""
        return operation < self.secret_from

    def at(self, p: float) -> str:
        return f"p = {p:g}" if self.knows(p) else "a rate drawn afresh"


class Pair(NamedTuple):
    """One call: its rate, input and output, flat; the mask, how many were kept, and their scale: the one ratio y/x of
    all kept elements, NaN if there is none."""

    p: float
    x: Floats
    y: Floats
    inputs: str
    m: npt.NDArray[np.bool_]
    kept: int
    scale: float


def pair_up(calls: Iterable[tuple[float, Floats, Floats, str]]) -> list[Pair]:
    """Calls given as (p, x, y, inputs). Those of one size are looked at in one go."""

    def alike(numbered: tuple[int, tuple[float, Floats, Floats, str]]) -> tuple[Any, ...]:
        number, (_, x, y, _) = numbered
        return x.size, x.dtype, y.dtype, number * x.size // TOGETHER

    pairs: list[Pair] = []
    for _, group in groupby(enumerate(calls), alike):
        p, xs, ys, inputs = zip(*(call for _, call in group), strict=True)
        # what came over the wire lies anywhere in memory: copies are aligned, which makes arithmetic quick
        x, y = (np.concatenate(rows).reshape(len(rows), -1) for rows in (xs, ys))
        pairs += map(Pair, p, x, y, inputs, *_masks_and_scales(x, y))
    return pairs


def _masks_and_scales(x: Floats, y: Floats) -> tuple[npt.NDArray[np.bool_], list[int], list[float]]:
    """Of each row. A row's scale is the ratio of its first kept element, if the others have it too."""
    m = y != 0
    kept = [int(np.count_nonzero(row)) for row in m]
    if not m.size:
        return m, kept, [math.nan] * len(m)
    first = np.arange(len(m)), m.argmax(1)
    scale = y[first] / x[first]
    error = y / x
    error -= m * scale[:, None]  # dropped elements stay zero
    steady = np.abs(error, out=error).max(1) < SCALE_SPREAD * np.abs(scale)
    return m, kept, [float(s) for s in np.where(steady, scale, math.nan)]


def read_calls(plan: Plan, replies: Sequence[Any], group: str, notes: Notes) -> list[Pair] | None:
    """The group's calls as flat arrays, or None if one of them did not give an array of numbers like its input."""
    calls = plan.calls[group]
    usable = [
        (call.p, *_where_not_zero(x.reshape(-1), reply.data, call, group, notes), call.inputs)
        for call in calls
        if _is_array_like(x := call.view.of(plan.arrays), reply := replies[call.operation], call, notes)
    ]
    pairs = pair_up(usable)
    whole = len(pairs) == len(calls)
    for pair, (_, x, y, _) in zip(pairs, usable, strict=True):
        if math.isnan(pair.scale) and not np.isfinite(y[np.isfinite(x)]).all():
            notes.fault(group if group in IDENTITIES else "not finite", f"NaN or infinity at {notes.at(pair.p)}")
            whole = False
        elif y.dtype != x.dtype:  # numbers all the same: judge them too
            notes.fault("dtype", f"dtype {y.dtype} for {x.dtype}")
    return pairs if whole else None


def _where_not_zero(x: Floats, y: Floats, call: Call, group: str, notes: Notes) -> tuple[Floats, Floats]:
    """The numbers that the layer has a choice about: zero stays zero."""
    if not call.view.relu:
        return x, y
    if np.any(y[x == 0] != 0):
        name = "not finite" if not np.isfinite(y).all() else group if group in IDENTITIES else "scale inside"
        notes.fault(name, f"where x is zero, y is not, at {notes.at(call.p)}")
    return x[x != 0], y[x != 0]


def _is_array_like(x: Floats, reply: Any, call: Call, notes: Notes) -> bool:
    """Did an array of real numbers come back, of x's shape?"""
    y = getattr(reply, "data", None)
    if y is not None and reply.shape == x.shape and y.dtype.kind == "f" and y.dtype.itemsize >= 4:
        return True
    given = f"{x.ndim}-d {x.dtype} of shape {x.shape}"
    told = notes.told(call.operation)
    if raised(reply) and call.p == 0:
        notes.fault("p = 0", exception(reply, told))
    elif raised(reply) and call.view.locked and reply.type == "ValueError":
        notes.fault("x changed", "an x that may only be read was to be written to")
    elif raised(reply) and reply.line == 0 and reply.type in ("AttributeError", "TypeError", "KeyError"):
        notes.fault("interface", exception(reply, told))  # the answer's own lines were not reached
    elif raised(reply):
        notes.fault("raises", f"{exception(reply, told)}, for a {given}")
    elif hasattr(reply, "text"):
        notes.fault("type", f"{reply.text if told else 'no array'} came back for a {given}")
    elif reply.shape != x.shape:
        shown = reply.shape if told else "of its own"
        notes.fault("shape", f"shape {shown} for an input of shape {x.shape}")
    else:  # no real numbers, or half precision, which is too coarse to read a scale from
        notes.fault("dtype", f"dtype {_dtype_name(reply.dtype)} for {x.dtype}")
    return False


def _dtype_name(text: str) -> str:
    try:
        return np.dtype(text).name
    except Exception:  # numpy parses what stands there, and raises whatever its parsers do
        return "of no numbers"


def raised(reply: Any) -> bool:
    return hasattr(reply, "line")


def exception(reply: Any, told: bool) -> str:
    """``told``: the submission's own words, and where it was, may be shown; see ``Notes``."""
    if not told:
        return "an exception"
    where = f" (line {reply.line} of the answer)" if reply.line else ""
    return f"{reply.type}: {reply.message}{where}" if reply.message else f"{reply.type}{where}"


def common_scale(pairs: Iterable[Pair]) -> float:
    """The one scale of several calls, NaN if there is none. A call that drops everything has no say."""
    scales = [pair.scale for pair in pairs if pair.kept]
    steady = all(abs(s / scales[0] - 1.0) <= SCALE_SPREAD for s in scales)
    return scales[0] if scales and steady else math.nan


def by_rate(pairs: Iterable[Pair]) -> dict[float, list[Pair]]:
    groups: dict[float, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.p, []).append(pair)
    return groups
