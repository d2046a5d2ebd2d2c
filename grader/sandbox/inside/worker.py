"""The probe child: a submission's source and arrays in, arrays out.

Runs as a plain script, or forked by ``zygote``, and imports nothing of ours but its neighbours here. It keeps no secret
and computes no verdict: what it writes is only read as numbers. The request comes on standard input, replies
leave on what was standard output; whatever the submission prints goes to standard error.

Requests: u64 length, marshalled header, then the raw bytes of the arrays that the header lists. The first holds the
          source and what is public. Others follow as long as there is more to ask, each when all replies to the one
          before are in: what has not been asked yet is nowhere in this process. The end of the stream ends the process.
Replies:  u8 kind, u64 length, body. READY once, before the submission is touched; RAN or RAISED for the source
          itself; one ARRAY, VALUE or RAISED for each operation, in order; QUIET after each request's last, and from
          the first one on nobody listens to what the submission prints.
"""

from __future__ import annotations

import contextlib
import os
import random
import struct
import sys
from marshal import loads
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy import (  # bound before a submission can patch numpy
    ascontiguousarray,
    bool_,
    float32,
    float64,
    frombuffer,
    int64,
    uint8,
    uint32,
    zeros,
)

if __package__:
    from grader.sandbox.inside import session
    from grader.sandbox.inside.handed import Handed, digest, earlier, form, take
else:  # in a child, by its path: nothing of the package is in a box, nor may a submission find it imported elsewhere
    sys.path.insert(0, str(Path(__file__).parent))
    import lockdown  # type: ignore[import-not-found]
    import session  # type: ignore[import-not-found, no-redef]
    from handed import Handed, digest, earlier, form, take  # type: ignore[import-not-found, no-redef]

    del sys.path[0]

READY, RAN, ARRAY, VALUE, RAISED, QUIET = range(6)


def main() -> None:
    """The script: limits from the command line, and nothing else around it."""
    lockdown.limit_resources(memory_bytes=int(sys.argv[1]), cpu_s=int(sys.argv[2]))
    serve()


def warm() -> None:
    """Before a fork: load what numpy loads late, and walk once the way that every child goes."""
    main, generator = sys.modules["__main__"], np.random.default_rng(0)
    np.random.seed(0)  # noqa: NPY002
    source = "import math\n\nclass Identity:\n    def __call__(self, x):\n        return x * 1.0\n"
    answer, run = session.prepare(source, "answer")
    run()
    arrays, view = [generator.normal(size=8)], [0, 0, [8], "<f4", [["times", 2.0]], 1, [], [], False]
    objects: dict[int, Any] = {}
    handed: list[Handed] = []
    perform(["new", 0, "Identity", [], {}], answer, objects, arrays, handed)
    for operation in (["call", 0, "__call__", [], view], ["look", 0, 1], ["get", 0, "nothing"]):
        perform(operation, answer, objects, arrays, handed)
    sys.modules["__main__"] = main
    del sys.modules["answer"]


def serve(*given: object) -> None:
    """Answer the requests on descriptor 0 and end the process; what a fork server gives is of no use here."""
    del given
    replies = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # who asks for input finds its end
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # line by line
    header, arrays = read_request(requests)
    np.random.seed(header["seed"] % 2**32)  # noqa: NPY002 (the state that layers draw from)
    random.seed(header["seed"])
    session.look_ordinary()
    ask = session.disguised(perform, random.Random(header["seed"]).choice(session.CALLERS))
    send(replies, READY)
    replies.flush()
    try:
        answer, run = session.prepare(header["source"], header["module"], os.getcwd())  # noqa: PTH109
        run()
        send(replies, RAN)
        replies.flush()
        objects: dict[int, Any] = {}
        handed: list[Handed] = []
        while header:
            for operation in header["operations"]:
                send(replies, *ask(operation, answer, objects, arrays, handed))
            silence()
            send(replies, QUIET)
            replies.flush()
            header, more = read_request(requests)
            arrays += more
    except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
        send(replies, RAISED, session.describe(error))
    replies.flush()
    os._exit(0)  # no exit handler and no thread of the submission's runs on


def read_request(stream: IO[bytes]) -> tuple[dict[str, Any], list[Any]]:
    """Header and arrays; both empty at the end of the stream."""
    start = stream.read(8)
    if not start:
        return {}, []
    header = loads(stream.read(*struct.unpack("<Q", start)))
    arrays = [frombuffer(stream.read(8 * count), "<f8") for count in header["arrays"]]
    return header, arrays


def perform(
    operation: list[Any], answer: Any, objects: dict[Any, Any], arrays: list[Any], handed: list[Handed]
) -> tuple[Any, ...]:
    """One operation: its reply as (kind, body...). A failure is a reply, and the next operation goes on.

    ["new", key, class, arguments, named], ["drop", key], ["get", key, attribute], ["set", key, attribute, value];
    ["call", key, method, arguments, view or null, named]: with a view, its array is the first argument;
    ["run", key, method, [], view]: as many calls as the view is long, each with the next of its parts; their results as
    one array, each copied before the next call, or the first that is no array like its part;
    ["look", first, last]: the digests, as they are now, of the arrays of these calls and of what they gave back.
    """
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
        if verb == "set":
            key, name, value = rest
            setattr(objects[key], name, value)
            return VALUE, b"set"
        if verb == "look":
            return (ARRAY, *look(handed[rest[0] : rest[1]]))
        key, method, args, view, *named = rest
        limit = 1024
        if view is not None:
            handed.append(Handed(None))  # whatever fails from here on, the next array has the next number
            array = earlier(arrays, handed, view) if type(view) is dict else take(arrays, view)
            handed[-1] = Handed(array)
            args = [array, *args]
            limit += 4 * array.nbytes
        target = objects[key] if method == "__call__" else getattr(objects[key], method)
        if verb == "run":  # here and in no function of its own: what calls a layer shows in its traceback
            results = np.empty_like(array, order="C")
            values: list[Any] = []
            for part, result in zip(array, results, strict=True):
                values.append(value := target(part))
                misfit = copied(value, part, result)
                if misfit is not None:
                    return misfit
            handed[-1].result = values  # and no copies: a later call may change what it was
            return (ARRAY, *pack(results, results.nbytes))
        value = target(*args, **(named[0] if named else {}))
        if is_array(value):
            value = np.ndarray.view(value, np.ndarray)
            if view is not None and value.dtype.kind in "fiub" and value.nbytes <= limit:
                handed[-1].result = value
            return (ARRAY, *pack(value, limit))
        return VALUE, b"self" if value is objects[key] else name_of(value)
    except BaseException as error:
        return RAISED, session.describe(error)


def copied(value: Any, part: Any, result: Any) -> tuple[Any, ...] | None:
    """Keep what came back for a part of a run, or reply with what it is, if it is no array like the part."""
    if not is_array(value):
        return VALUE, name_of(value)
    value = np.ndarray.view(value, np.ndarray)
    if value.shape != part.shape or value.dtype != part.dtype:
        return (ARRAY, *pack(value, 1024 + 4 * part.nbytes))
    result[...] = value
    return None


def is_array(value: Any) -> bool:
    """``isinstance`` would believe what an object says of its ``__class__``."""
    return issubclass(type(value), np.ndarray)


def name_of(value: Any) -> bytes:
    return type(value).__name__.encode()[:80]


def silence() -> None:
    """What the submission prints from here on is nobody's, and costs nothing."""
    with contextlib.suppress(Exception):  # a submission may have put anything in its place
        sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def decode(value: Any, objects: dict[Any, Any]) -> Any:
    """A scalar as it is; {"generator": seed} stands for a numpy Generator, the same one each time, and
    {"float32": number}, {"float64": number} or {"int64": number} for a scalar of numpy's."""
    if not isinstance(value, dict):
        return value
    ((kind, number),) = value.items()
    if kind != "generator":
        return {"float32": float32, "float64": float64, "int64": int64}[kind](number)
    if (kind, number) not in objects:
        objects[kind, number] = np.random.default_rng(number)
    return objects[kind, number]


def look(handed: list[Handed]) -> tuple[bytes, memoryview | bytes]:
    """Two digests for each call; 0 for an array whose form has changed, and for a result that is none."""
    digests = zeros((len(handed), 2), uint32)
    for row, call in zip(digests, handed, strict=True):
        row[0] = digest(call.array) if form(call.array) == call.at_first else 0
        row[1] = digest(call.result)
    return pack(digests, digests.nbytes)


def pack(value: Any, limit: int) -> tuple[bytes, memoryview | bytes]:
    """dtype and shape always; the raw bytes, in place, only where they are numbers and not more than ``limit``."""
    head = struct.pack(f"<8sB{value.ndim}Q", value.dtype.str.encode()[:8], value.ndim, *value.shape)
    plain = value.dtype.kind in "fiub" and value.nbytes <= limit
    return head, ascontiguousarray(value).reshape(-1).view(uint8).data if plain else b""


def send(stream: IO[bytes], kind: int, *parts: bytes | memoryview) -> None:
    stream.write(struct.pack("<BQ", kind, sum(map(len, parts))))
    for part in parts:
        stream.write(part)


if __name__ == "__main__":
    main()
