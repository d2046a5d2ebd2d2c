"""The arrays that a layer is handed: made from a plan's numbers, remembered, and looked at again.

Stands alone, as ``worker`` does, and goes into the box beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any
from zlib import crc32

from numpy import (  # bound before a submission can patch numpy
    ascontiguousarray,
    broadcast_to,
    concatenate,
    errstate,
    maximum,
    remainder,
    rint,
    sign,
    sort,
)


class Handed:
    """An array that was handed over, its form at that time, and the array that came back, if one did."""

    __slots__ = ("array", "at_first", "result")

    def __init__(self, array: Any) -> None:
        self.array, self.at_first = array, form(array)
        self.result: Any = None


def form(array: Any) -> Any:
    return None if array is None else (array.shape, array.dtype, array.flags.writeable)


def digest(array: Any) -> int:
    """Of an array, or of those that a run gave back."""
    return 0 if array is None else crc32(ascontiguousarray(array).data)


def put(x: Any, first: int, step: int, numbers: list[float]) -> Any:
    """A copy in which every ``step``-th number is one of these, by turns."""
    changed = x.copy()
    for turn, number in enumerate(numbers):
        changed[first + turn * step :: step * len(numbers)] = number
    return changed


STEPS: dict[str, Callable[..., Any]] = {  # what a view does to the numbers it starts from, one step after another
    "times": lambda x, factor: x * factor,
    "plus": lambda x, term: x + term,
    "cube": lambda x: x * x * x,
    "modulo": remainder,
    "round": rint,
    "sign": sign,
    "sort": sort,
    "at least": maximum,
    "put": put,
}


def take(arrays: list[Any], view: Any) -> Any:
    """A fresh array for every call, so that a layer which writes to its input spoils nothing else.

    ``view``: [array, start, shape, dtype, steps, stride, axes, repeat, locked]. The numbers are those of an array from
    ``start`` on, round and round, after ``steps``; every ``stride``-th of the last axis is in it; ``axes``: the order,
    if not as it is; ``repeat``: [axis, count], an axis of length 1 without strides; ``locked``: read-only.
    """
    array, start, shape, dtype, steps, stride, axes, repeat, locked = view
    whole = [*shape[:-1], shape[-1] * abs(stride)]
    stop, source = start + prod(whole), arrays[array]
    fresh = source[start:stop]
    if stop > source.size:
        rounds, rest = divmod(stop - source.size, source.size)
        fresh = concatenate([fresh, *[source] * rounds, source[:rest]])
    with errstate(all="ignore"):  # whatever a layer has set for all
        for name, *numbers in steps:
            fresh = STEPS[name](fresh, *numbers)
        fresh = fresh.astype(dtype).reshape(whole)
    fresh = fresh[..., ::stride] if stride != 1 else fresh
    fresh = fresh.transpose(axes) if axes else fresh
    if repeat:
        axis, count = repeat
        return broadcast_to(fresh, (*fresh.shape[:axis], count, *fresh.shape[axis + 1 :]))
    fresh.flags.writeable = not locked
    return fresh


def earlier(arrays: list[Any], handed: list[Handed], view: dict[str, Any]) -> Any:
    """{"again": call}: the very object that was handed over then; with {"filled": view}, with other numbers in it;
    {"result": call}: what came back."""
    if "result" in view:
        return handed[view["result"]].result
    array = handed[view["again"]].array
    if "filled" in view:
        array[...] = take(arrays, view["filled"])
        handed[view["again"]] = Handed(None)  # what it held is gone
    return array
