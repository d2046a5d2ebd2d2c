"""What crosses the seam, and how: requests as bytes, replies as data. Pure; nothing is unpickled or evaluated.

The format is that of ``worker``. Whatever a child sends is read within bounds; what is malformed counts against it.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import SandboxError
from grader.sandbox.worker import ARRAY, QUIET, RAISED, RAN, READY, VALUE

OUTPUT_BYTES = 10_000  # of a submission's own words
MAX_DIMENSIONS = 32


@dataclass(frozen=True)
class Program:
    """A source, the operations to ask of it (see ``worker.perform``) and the float64 arrays they refer to.

    The first ``public`` (operations, arrays) go with the source; the child gets the rest when its output is no longer
    listened to. None: all are public.
    """

    source: str
    operations: Sequence[Sequence[Any]]
    arrays: Sequence[npt.NDArray[np.float64]]
    seed: int
    public: tuple[int, int] | None = None


@dataclass(frozen=True)
class Value:
    """Something that is no array: the name of its type, "self" for the object itself, or an attribute's repr."""

    text: str


@dataclass(frozen=True)
class Raised:
    """An exception: its type, its message (the submission's own words), its line in the source (0 if unknown), and
    the names of Python's own exceptions that it is an instance of."""

    type: str
    message: str
    line: int
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Array:
    """An array as it came back; ``data`` is flat and read-only, None where it holds no numbers or too many."""

    dtype: str
    shape: tuple[int, ...]
    data: npt.NDArray[Any] | None


Reply = Value | Raised | Array


class Ended(StrEnum):
    DONE = "done"
    TIMED_OUT = "timed_out"
    KILLED = "killed"


@dataclass(frozen=True)
class Answer:
    """How the child ended, what the source itself raised, one reply for each operation that was answered.

    ``peak_mib``: its resident memory at its highest, None where nobody could look.
    """

    ended: Ended
    raised: Raised | None
    replies: tuple[Reply, ...]
    output: str
    peak_mib: float | None = None


@dataclass(frozen=True)
class Talk:
    timed_out: bool
    flooded: bool
    replies: bytes | bytearray
    output: bytes
    peak_mib: float | None = None


def encode_requests(program: Program) -> tuple[bytes, bytes]:
    """The public part with the source, and the hidden part."""
    operations, arrays = program.public or (len(program.operations), len(program.arrays))
    first = {"source": program.source, "operations": program.operations[:operations], "seed": program.seed}
    return (
        _framed(first, program.arrays[:arrays]),
        _framed({"operations": program.operations[operations:]}, program.arrays[arrays:]),
    )


def _framed(header: dict[str, Any], arrays: Sequence[npt.NDArray[np.float64]]) -> bytes:
    text = json.dumps({**header, "arrays": [array.size for array in arrays]}).encode()
    return b"".join([struct.pack("<Q", len(text)), text, *(array.astype("<f8", copy=False).data for array in arrays)])


def reply_limit(program: Program) -> int:
    """Bytes that an honest child may send: every call's array at four times its size, and the small replies."""
    views = [operation[4] for operation in program.operations if operation[0] == "call"]
    numbers: int = sum(math.prod(view[3]) for view in views if isinstance(view, list))
    return (1 << 20) + 4096 * len(program.operations) + 4 * 8 * numbers


def read_answer(talk: Talk, expected: int) -> Answer:
    """Read the replies as data. Whatever is malformed or missing is the child's doing: it counts as killed."""
    output = printable(talk.output.decode("utf-8", "replace")).encode()[:OUTPUT_BYTES].decode("utf-8", "ignore")
    frames = list(islice(split_frames(talk.replies), expected + 4))  # one too many shows; millions cost time
    if not frames or frames[0][0] != READY:
        if talk.timed_out:
            raise SandboxError("the worker did not get ready in time; is the machine overloaded? Try --timeout-s")
        raise SandboxError(f"the worker did not start: {output.strip()[-300:] or 'no message'}")
    ended = Ended.TIMED_OUT if talk.timed_out else Ended.KILLED
    raised = None
    replies: list[Reply] = []
    try:
        if len(frames) > 1 and frames[1][0] == RAISED:
            raised, ended = _read_raised(frames[1][1]), Ended.DONE
        elif len(frames) > 1 and frames[1][0] == RAN:
            replies = [read_reply(kind, body) for kind, body in frames[2:] if kind != QUIET]
            ended = Ended.DONE if len(replies) == expected else ended
    except (ValueError, TypeError, struct.error, RecursionError, OverflowError):
        ended = Ended.KILLED
    return Answer(ended, raised, tuple(replies), output, talk.peak_mib)


def printable(text: str) -> str:
    """A submission's words, without what a terminal would act on: escape sequences, bells, changes of direction."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)


def split_frames(raw: bytes | bytearray) -> Iterator[tuple[int, memoryview]]:
    """The complete frames at the start of ``raw``; what follows the last whole one is dropped."""
    view, at = memoryview(raw).toreadonly(), 0
    while at + 9 <= len(view):
        kind, length = struct.unpack_from("<BQ", view, at)
        if at + 9 + length > len(view):
            return
        yield kind, view[at + 9 : at + 9 + length]
        at += 9 + length


def read_reply(kind: int, body: memoryview) -> Reply:
    """One frame as data; ``ValueError`` (or struct's own error) where it is not well formed."""
    if kind == VALUE:
        return Value(printable(bytes(body[:80]).decode("utf-8", "replace")))
    if kind == RAISED:
        return _read_raised(body)
    if kind == ARRAY:
        return _read_array(body)
    raise ValueError(f"no reply has kind {kind}")


def _read_raised(body: memoryview) -> Raised:
    if len(body) > 4096:
        raise ValueError("an exception's description has at most 4096 bytes")
    type_name, message, line, bases = json.loads(bytes(body))
    if not (isinstance(type_name, str) and isinstance(message, str) and isinstance(line, int)):
        raise ValueError("an exception is described by two strings and a number")
    if not (isinstance(bases, list) and all(isinstance(base, str) for base in bases)):
        raise ValueError("the bases of an exception are a list of names")
    return Raised(printable(type_name[:80]), printable(message[:300]), line, tuple(base[:80] for base in bases[:16]))


def _read_array(body: memoryview) -> Array:
    name, dimensions = struct.unpack_from("<8sB", body)
    if dimensions > MAX_DIMENSIONS:
        raise ValueError(f"an array has at most {MAX_DIMENSIONS} dimensions")
    shape = struct.unpack_from(f"<{dimensions}Q", body, 9)
    raw = body[9 + 8 * dimensions :]
    text, dtype = _read_dtype(name)
    if dtype is None:
        return Array(text, shape, None)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        if len(raw) == 0:
            return Array(text, shape, None)
        raise ValueError("an array's bytes do not fill its shape")
    return Array(text, shape, np.frombuffer(raw, dtype))


@lru_cache(maxsize=16)
def _read_dtype(name: bytes) -> tuple[str, np.dtype[Any] | None]:
    text = name.rstrip(b"\0").decode("ascii")
    plain = re.fullmatch("[<>|][fiub][1248]", text)  # byte order, kind, size: nothing structured, no objects
    return text, np.dtype(text) if plain else None


def find_quiet(replies: bytearray, start: int) -> tuple[bool, int]:
    """Is there a QUIET among the complete frames from ``start`` on, and where does the first incomplete one begin?"""
    while start + 9 <= len(replies):
        kind, length = struct.unpack_from("<BQ", replies, start)
        if start + 9 + length > len(replies):
            break
        if kind == QUIET:
            return True, start
        start += 9 + length
    return False, start
