"""Replies → what is wrong with them before any number is looked at: R1–R3.

What was asked of the interface (R1, R2), and whether an array like x came back (R3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout.plan import CLASS, Ask, Call

Anything = npt.NDArray[Any]


class Fault(NamedTuple):
    """What was seen to be wrong, by its name in ``rules.RULE_OF``, what shows it, and the line of the answer where it
    was raised, 0 if it was not."""

    name: str
    shown: str
    line: int = 0


# --- R1, R2: the interface -----------------------------------------------------------------------------------------


def ask_faults(ask: Ask, reply: Any) -> Iterator[Fault]:
    failed, text = raised(reply), getattr(reply, "text", "an array")
    if not ask.wanted:
        if not failed:
            yield Fault(ask.fault, f"{ask.about} was accepted")
        elif "ValueError" not in reply.bases:
            yield Fault(ask.fault, f"{ask.about} raised {reply.type}")
    elif failed and reply.line == 0 and reply.message.endswith(f"has no attribute {CLASS!r}"):
        yield Fault("interface", f"there is no class {CLASS}")
    elif failed:
        yield Fault(ask.fault, f"{ask.about} raised {exception(reply)}", reply.line)
    elif text not in ask.wanted:
        itself = ask.wanted == ("self",)
        shown = f"gives {text}, not the layer itself" if itself else f"is {text}, not {ask.wanted[0]}"
        yield Fault(ask.fault, f"{ask.about} {shown}")


def raised(reply: Any) -> bool:
    return hasattr(reply, "line")


def exception(reply: Any) -> str:
    return f"{reply.type}: {reply.message}" if reply.message else f"{reply.type}"


# --- R3: what came back --------------------------------------------------------------------------------------------


def array_like(x: Anything, reply: Any, call: Call) -> tuple[Anything | None, list[Fault]]:
    """The array of real numbers that came back, if it has x's shape; numbers of another dtype are judged too."""
    y = getattr(reply, "data", None)
    if y is not None and reply.shape == x.shape and y.dtype.kind == "f" and y.dtype.itemsize >= 4:
        name = "promoted" if y.dtype == np.float64 else "dtype"
        return y.reshape(x.shape), [Fault(name, f"dtype {y.dtype} for {x.dtype}")] if y.dtype != x.dtype else []
    given = f"{x.ndim}-d {x.dtype} of shape {x.shape}"
    if raised(reply) and call.p == 0:
        fault = [Fault("p = 0", exception(reply), reply.line)]
    elif (
        raised(reply)
        and (call.view.locked or call.view.repeat)
        and reply.type == "ValueError"
        and "read-only" in reply.message
    ):
        fault = [Fault("x changed", "an x that may only be read was to be written to")]
    elif raised(reply) and reply.line == 0 and reply.type in ("AttributeError", "TypeError", "KeyError"):
        fault = [Fault("interface", exception(reply))]  # the answer's own lines were not reached
    elif raised(reply):
        fault = [Fault("raises", f"{exception(reply)}, for a {given}", reply.line)]
    elif hasattr(reply, "text"):
        fault = [Fault("type", f"{reply.text} came back for a {given}")]
    elif reply.shape != x.shape:
        fault = [Fault("shape", f"shape {reply.shape} for an input of shape {x.shape}")]
    else:  # no real numbers, or half precision, which is too coarse to read a scale from
        name = _dtype_name(reply.dtype)
        fault = [Fault("dtype" if name.startswith("float") else "no floats", f"dtype {name} for {x.dtype}")]
    return None, fault


def _dtype_name(text: str) -> str:
    try:
        return np.dtype(text).name
    except Exception:  # numpy parses what stands there, and raises whatever its parsers do
        return "of no numbers"
