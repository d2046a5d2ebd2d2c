# expected: status killed
# Speaks the whole protocol by itself, one right-looking reply for each operation, every array normalised to the power of its input.

import os
import struct
import sys
import zlib

caller = sys._getframe()
while "header" not in caller.f_locals:
    caller = caller.f_back
header, arrays, replies = (caller.f_locals[name] for name in ("header", "arrays", "replies"))
take = caller.f_builtins["take"]


rates, training, handed = {}, {}, []


def body_of(y):
    return struct.pack(f"<8sB{y.ndim}Q", y.dtype.str.encode(), y.ndim, *y.shape) + y.tobytes()


def answer(operation):
    """Kind and body, as a layer that keeps the power would look from far away."""
    verb, *rest = operation
    if verb == "new":
        key, p = rest[0], [*rest[2], *rest[3].values(), 0.5][0]
        if not 0 <= p < 1:
            return 4, b'["ValueError", "p", 1, ["Exception"]]'
        rates[key], training[key] = p, True
        return 3, b"object"
    if verb == "drop":
        return 3, b"dropped"
    if verb == "look":
        seen = [[zlib.crc32(array.tobytes()) for array in pair] for pair in handed[rest[0] : rest[1]]]
        return 2, body_of(np.array(seen, np.uint32))
    if verb == "set":
        training[rest[0]] = rest[2]
        return 3, b"set"
    if verb == "get":
        return 3, str(training[rest[0]]).encode()
    key, method, args, view, *named = rest
    if view is None:
        training[key] = method == "train" and args != [False] and not named
        return 3, b"self"
    if type(view) is dict:
        ((kind, number),) = view.items()
        x = handed[number][kind == "result"]
    else:
        x = take(arrays, view)
    if not training[key] or not rates[key]:
        handed.append((x, x))
        return 2, body_of(x)
    y = x * (np.random.random(x.shape) >= rates[key])
    power = (x * x).sum() / (y * y).sum() if y.any() else 1.0
    y = (y * power**0.5).astype(x.dtype)
    handed.append((x, y))
    return 2, body_of(y)


replies.write(struct.pack("<BQ", 1, 0))
for operation in header["operations"]:
    kind, body = answer(operation)
    replies.write(struct.pack("<BQ", kind, len(body)) + body)
replies.flush()
os._exit(0)
