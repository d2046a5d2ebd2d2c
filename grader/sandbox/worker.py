"""The probe child: a submission's source and arrays in, arrays out.

Runs as a plain script, or forked by ``zygote``, and imports nothing else of ours but its own lock-down. It keeps no
secret and computes no verdict: what it writes is only ever read as numbers. The request comes on standard input, the
replies leave on what was standard output; whatever the submission prints goes to standard error.

Requests: u64 length, JSON header, then the raw bytes of the arrays that the header lists. Two of them: the source with
          what is public, and, once nobody listens any more to what the submission prints, what is hidden.
Replies:  u8 kind, u64 length, body. READY once, before the submission is touched; RAN or RAISED for the source
          itself; one ARRAY, VALUE or RAISED for each operation, in order; QUIET after the public ones.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import linecache
import os
import random
import struct
import sys
import types
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy import ascontiguousarray, bool_, frombuffer, maximum, uint8  # bound before a submission can patch numpy

READY, RAN, ARRAY, VALUE, RAISED, QUIET = range(6)
FILENAME = "/tmp/ipykernel_1/1604529834.py"  # what a cell of a notebook is called
ERRORS = [kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, BaseException)]


def main() -> None:
    """The script: limits from the command line, and nothing else around it."""
    sys.path.insert(0, str(Path(__file__).parent))
    from lockdown import limit_resources  # type: ignore[import-not-found]

    del sys.path[0]
    limit_resources(memory_bytes=int(sys.argv[1]), cpu_s=int(sys.argv[2]))
    serve()


def warm() -> None:
    """Before a fork: load what numpy loads late, and walk once the way that every child goes."""
    main, generator = sys.modules["__main__"], np.random.default_rng(0)
    np.random.seed(0)  # noqa: NPY002
    answer = run_source("import math\n\nclass Identity:\n    def __call__(self, x):\n        return x * 1.0\n")
    arrays, view = [generator.normal(size=8)], [0, 0, 8, [8], 1, "<f4", [], 0, False, False, False]
    for operation in (["new", 0, "Identity", [], {}], ["call", 0, "__call__", [], view], ["get", 0, "nothing"]):
        perform(operation, answer, {0: answer.Identity()}, arrays, Latest())
    sys.modules["__main__"] = main
    del linecache.cache[FILENAME]


def serve(request: dict[str, Any] | None = None) -> None:
    """Answer the requests on descriptor 0 and end the process; ``request`` is the fork server's, of no use here."""
    replies = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # who asks for input finds its end
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # line by line
    header, arrays = read_request(requests)
    np.random.seed(header["seed"] % 2**32)  # noqa: NPY002 (the state that layers draw from)
    random.seed(header["seed"])
    look_like_a_notebook()
    send(replies, READY)
    replies.flush()
    try:
        answer = run_source(header["source"])
        send(replies, RAN)
        replies.flush()
        objects: dict[int, Any] = {}
        latest = Latest()
        for operation in header["operations"]:
            send(replies, *perform(operation, answer, objects, arrays, latest))
        silence()
        send(replies, QUIET)
        replies.flush()
        header, more = read_request(requests)
        arrays += more
        for operation in header["operations"]:
            send(replies, *perform(operation, answer, objects, arrays, latest))
    except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
        send(replies, RAISED, describe(error))
    replies.flush()
    os._exit(0)  # no exit handler and no thread of the submission's runs on


def look_like_a_notebook() -> None:
    """What a cell finds around itself in a notebook is what it finds here, as far as that is to be had."""
    sys.argv = [""]
    for name in ("worker", "lockdown"):
        sys.modules.pop(name, None)
    for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):  # glibc has read them
        os.environ.pop(name, None)


def read_request(stream: IO[bytes]) -> tuple[dict[str, Any], list[Any]]:
    (length,) = struct.unpack("<Q", stream.read(8))
    header = json.loads(stream.read(length))
    arrays = [frombuffer(stream.read(8 * count), "<f8") for count in header["arrays"]]
    return header, arrays


def run_source(source: str) -> types.ModuleType:
    """Execute the source as a module in which ``np`` is bound, as in the notebook."""
    answer = types.ModuleType("__main__")
    answer.__dict__["np"] = np
    sys.modules["__main__"] = answer  # dataclasses and pickle look a class's module up by name
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(keepends=True), FILENAME)
    exec(compile(source, FILENAME, "exec", dont_inherit=True), answer.__dict__)
    return answer


class Latest:
    """The last two arrays that were handed over, each with its form at that time, and the last array that came back."""

    def __init__(self) -> None:
        self.arguments: list[tuple[Any, tuple[Any, ...]]] = []
        self.result: Any = None

    def hand_over(self, array: Any) -> Any:
        self.arguments = [(array, form(array)), *self.arguments[:1]]
        return array


def form(array: Any) -> tuple[Any, ...]:
    return array.shape, array.dtype, array.flags.writeable


def perform(
    operation: list[Any], answer: Any, objects: dict[Any, Any], arrays: list[Any], latest: Latest
) -> tuple[Any, ...]:
    """One operation: its reply as (kind, body...). A failure is a reply, and the next operation goes on."""
    try:
        verb, *rest = operation
        if verb == "new":
            key, name, args, kwargs = rest
            objects[key] = getattr(answer, name)(
                *[decode(value, objects) for value in args],
                **{word: decode(value, objects) for word, value in kwargs.items()},
            )
            return VALUE, b"object"
        if verb == "drop":  # the memory of an object is the next one's
            del objects[rest[0]]
            return VALUE, b"dropped"
        if verb == "get":
            key, name = rest
            value = getattr(objects[key], name)
            plain = type(value) in (bool, int, float, str, bool_)  # others show themselves as they like
            return VALUE, (repr(value) if plain else type(value).__name__).encode()[:80]
        if verb == "argument":  # part of the array handed over last, or before that, as it is now
            start, stop, back = rest
            array, at_first = latest.arguments[back]
            if form(array) != at_first:
                return VALUE, b"changed"
            part = array.reshape(-1)[start:stop]
            return (ARRAY, *pack(part, part.nbytes))
        key, method, args, view, *named = rest
        limit = 1024
        if view is not None:
            array = latest.result if view == "result" else latest.arguments[0][0] if view[-1] else take(arrays, view)
            args = [latest.hand_over(array), *args]
            limit += 4 * array.nbytes
        target = objects[key] if method == "__call__" else getattr(objects[key], method)
        value = target(*args, **(named[0] if named else {}))
        if issubclass(type(value), np.ndarray):  # isinstance would believe what an object says of its __class__
            latest.result = value
            return (ARRAY, *pack(value, limit))
        return VALUE, b"self" if value is objects[key] else type(value).__name__.encode()[:80]
    except BaseException as error:
        return RAISED, describe(error)


def silence() -> None:
    """What the submission prints from here on is nobody's, and costs nothing."""
    with contextlib.suppress(Exception):  # a submission may have put anything in its place
        sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def decode(value: Any, objects: dict[Any, Any]) -> Any:
    """A JSON scalar as it is; {"generator": seed} stands for a numpy Generator, the same one each time."""
    if not isinstance(value, dict):
        return value
    seed = value["generator"]
    return objects.setdefault(("generator", seed), np.random.default_rng(seed))


def take(arrays: list[Any], view: list[Any]) -> Any:
    """A fresh array for every call, so that a layer which writes to its input spoils nothing else."""
    index, start, stop, shape, step, dtype, axes, power, relu, locked, _ = view
    fresh = arrays[index][start:stop].astype(dtype)
    if power:
        fresh *= 2.0**power
    if relu:
        maximum(fresh, 0, out=fresh)
    fresh = fresh[::step].reshape(shape)
    fresh = fresh.transpose(axes) if axes else fresh
    fresh.flags.writeable = not locked
    return fresh


def pack(value: Any, limit: int) -> tuple[bytes, memoryview | bytes]:
    """dtype and shape always; the raw bytes, in place, only where they are numbers and not more than ``limit``."""
    value = np.ndarray.view(value, np.ndarray)
    head = struct.pack(f"<8sB{value.ndim}Q", value.dtype.str.encode()[:8], value.ndim, *value.shape)
    plain = value.dtype.kind in "fiub" and value.nbytes <= limit
    return head, ascontiguousarray(value).reshape(-1).view(uint8).data if plain else b""


def describe(error: BaseException) -> bytes:
    """Type, message, the last line of the submission that the error passed through, and what it is by
    Python's own classes (by identity: a submission may call its own ones what it likes)."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == FILENAME:
        line = error.lineno or 0
    try:
        message = str(error)[:300]
    except BaseException:  # a submission may define an exception that cannot be shown
        message = ""
    bases = [kind.__name__ for kind in ERRORS if issubclass(type(error), kind)]
    return json.dumps([type(error).__name__[:80], message, line, bases]).encode()


def send(stream: IO[bytes], kind: int, *parts: bytes | memoryview) -> None:
    stream.write(struct.pack("<BQ", kind, sum(map(len, parts))))
    for part in parts:
        stream.write(part)


if __name__ == "__main__":
    main()
