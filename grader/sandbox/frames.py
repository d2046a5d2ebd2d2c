"""What crosses the seam, and how: requests as bytes, replies as data. Pure; nothing is unpickled or evaluated.

The format is that of ``worker``; requests are marshalled, which is quicker than JSON and says the same. Whatever a
child sends is read within bounds; what is malformed counts against it.
"""

from __future__ import annotations

import json
import marshal
import math
import re
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import SandboxError
from grader.sandbox.inside.worker import ARRAY, QUIET, RAISED, RAN, READY, VALUE

OUTPUT_BYTES = 10_000  # of a submission's own words
MAX_DIMENSIONS = 32
FRAME = struct.Struct("<BQ")  # what a reply begins with: its kind, and how long its body is


@dataclass(frozen=True)
class Questions:
    """Operations to ask (see ``worker.perform``), and float64 arrays that they and later ones refer to."""

    operations: Sequence[Sequence[Any]]
    arrays: Sequence[npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Program:
    """A source, which is imported as ``module``, and the operations and arrays that go with it: all of them are public,
    and what the source prints while they are answered is heard."""

    source: str
    operations: Sequence[Sequence[Any]]
    arrays: Sequence[npt.NDArray[np.float64]]
    seed: int
    module: str = "answer"


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

    ``peak_mib``: its resident memory at its highest, None where nobody could look; ``cpu_s``: processor time of it and
    all that it started; ``queued_s``: how long it waited for a processor, None where that is not known, and where it
    ended by itself. ``signal``: the one that ended it, 0 if none did, or one of ours.
    """

    ended: Ended
    raised: Raised | None
    replies: tuple[Reply, ...]
    output: str
    peak_mib: float | None = None
    cpu_s: float = 0.0
    queued_s: float | None = None
    signal: int = 0


# All replies so far → what to ask next, or None: that is enough.
Further = Callable[[Sequence[Reply]], Questions | None]


class Conversation:
    """The grader's side of a conversation with a child, without the pipes: what to send next, and what was received.

    ``further``'s questions are made and sent when all replies to those before are in; from the first QUIET on
    (``silenced``) the child's output is nobody's. ``over``: nothing more will be asked or believed.
    """

    def __init__(self, program: Program, further: Further | None = None) -> None:
        header: dict[str, Any] = {"source": program.source, "module": program.module, "seed": program.seed}
        header["operations"] = program.operations
        self.request = _framed(header, program.arrays)
        self.silenced = self.over = self.done = self.flooded = False
        self.thinking_s = 0.0
        self._further = further
        self._expect(program.operations)
        self._ready = self._ran = False
        self._raised: Raised | None = None
        self._replies: list[Reply] = []

    def _expect(self, operations: Sequence[Sequence[Any]]) -> None:
        self._expected, self._most = len(operations), reply_limit(operations)
        self._raw, self._scanned = bytearray(), 0  # a new one: the replies so far are views of the old
        self._frames: list[tuple[int, int, int]] = []  # the complete ones: kind, start and end of the body

    def receive(self, chunk: bytes | memoryview) -> bytes | None:
        """Take in what the child has sent; returns the next request if there is one now."""
        self._raw += chunk
        if not self._find_quiet():
            self.over = self.flooded = len(self._raw) > self._most
            return None
        self.silenced = True
        before = len(self._replies)
        whole = self._scanned == len(self._raw) and self._read() and len(self._replies) - before == self._expected
        started = time.monotonic()
        questions = self._further(self._replies) if whole and self._further else None
        self.thinking_s += time.monotonic() - started
        self.done, self.over = whole and questions is None, questions is None
        if questions is None:
            return None
        self._expect(questions.operations)
        return _framed({"operations": questions.operations}, questions.arrays)

    def _find_quiet(self) -> bool:
        """Is there a QUIET among the complete frames that have come in since? Millions would cost memory, and so no
        more of them are noted than were asked for."""
        raw, at, kind = self._raw, self._scanned, -1
        while at + 9 <= len(raw) and kind != QUIET:
            found, length = FRAME.unpack_from(raw, at)
            if at + 9 + length > len(raw):
                break
            kind = found
            if len(self._frames) < self._expected + 4:
                self._frames.append((kind, at + 9, at + 9 + length))
            at += 9 + length
        self._scanned = at
        return kind == QUIET

    def _read(self) -> bool:
        """Turn the frames that came in into replies; False if one is malformed, or none of these was asked for."""
        view = memoryview(self._raw).toreadonly()
        frames, self._frames, self._raw, self._scanned = self._frames, [], bytearray(), 0
        try:
            for kind, start, end in frames:
                body = view[start:end]
                if not self._ready:
                    self._ready = kind == READY
                    if not self._ready:
                        return False
                elif not self._ran and self._raised is None:
                    self._ran = kind == RAN
                    if not self._ran:
                        self._raised = _read_raised(body)
                elif kind != QUIET:
                    self._replies.append(read_reply(kind, body))
        except (ValueError, TypeError, struct.error, RecursionError, OverflowError, IndexError):
            return False
        return True

    def answer(self, timed_out: bool, raw_output: bytes | bytearray) -> Answer:
        """How it ended. Whatever is malformed or missing is the child's doing: it counts as killed."""
        output = printable(raw_output.decode("utf-8", "replace")).encode()[:OUTPUT_BYTES].decode("utf-8", "ignore")
        fine = self.done or self._read()
        if not self._ready:
            if timed_out:
                raise SandboxError("the worker did not get ready in time; is the machine overloaded? Try --timeout-s")
            raise SandboxError(f"the worker did not start: {output.strip()[-300:] or 'no message'}")
        ended = Ended.TIMED_OUT if timed_out else Ended.KILLED
        if self.done or (fine and self._raised is not None):
            ended = Ended.DONE
        return Answer(ended, self._raised, tuple(self._replies), output)


def _framed(header: dict[str, Any], arrays: Sequence[npt.NDArray[np.float64]]) -> bytes:
    header = {**header, "arrays": [array.size for array in arrays]}
    try:
        text = marshal.dumps(header)
    except ValueError:  # it knows nothing but Python's own lists, tuples and numbers: what is like one becomes one
        text = marshal.dumps(json.loads(json.dumps(header)))
    return b"".join([struct.pack("<Q", len(text)), text, *(array.astype("<f8", copy=False).data for array in arrays)])


def reply_limit(operations: Sequence[Sequence[Any]]) -> int:
    """Bytes that an honest child may send: every call's array at four times its size, and the small replies."""
    views = [operation[4] for operation in operations if operation[0] in ("call", "run")]
    sizes = [(math.prod(view[2]), view[7][1] if view[7] else 1) for view in views if isinstance(view, list | tuple)]
    largest = max((count * repeats for count, repeats in sizes), default=0)
    numbers = sum(count * repeats for count, repeats in sizes) + largest * (len(views) - len(sizes))
    return (1 << 20) + 4096 * len(operations) + 4 * 8 * numbers


def printable(text: str) -> str:
    """A submission's words, without what a terminal would act on: escape sequences, bells, changes of direction."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)


def read_reply(kind: int, body: memoryview) -> Reply:
    """One frame as data; ``ValueError`` (or struct's own error) where it is not well formed."""
    if kind == VALUE:
        return _read_value(bytes(body[:80]))
    if kind == RAISED:
        return _read_raised(body)
    if kind == ARRAY:
        return _read_array(body)
    raise ValueError(f"no reply has kind {kind}")


@lru_cache(maxsize=64)
def _read_value(body: bytes) -> Value:
    return Value(printable(body.decode("utf-8", "replace")))


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
    text, dtype, shape = _read_head(bytes(body[: 9 + 8 * min(body[8], MAX_DIMENSIONS + 1)]))
    raw = body[9 + 8 * len(shape) :]
    if dtype is None:
        return Array(text, shape, None)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        if len(raw) == 0:
            return Array(text, shape, None)
        raise ValueError("an array's bytes do not fill its shape")
    return Array(text, shape, np.frombuffer(raw, dtype))


@lru_cache(maxsize=256)
def _read_head(head: bytes) -> tuple[str, np.dtype[Any] | None, tuple[int, ...]]:
    """The name of the dtype, the dtype if it is one of plain numbers, and the shape."""
    name, dimensions = struct.unpack_from("<8sB", head)
    if dimensions > MAX_DIMENSIONS:
        raise ValueError(f"an array has at most {MAX_DIMENSIONS} dimensions")
    shape = struct.unpack_from(f"<{dimensions}Q", head, 9)
    return *_read_dtype(name), shape


@lru_cache(maxsize=16)
def _read_dtype(name: bytes) -> tuple[str, np.dtype[Any] | None]:
    text = name.rstrip(b"\0").decode("ascii")
    plain = re.fullmatch("[<>|][fiub][1248]", text)  # byte order, kind, size: nothing structured, no objects
    return text, np.dtype(text) if plain else None
