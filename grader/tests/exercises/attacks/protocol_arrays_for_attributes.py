# expected: fails
# Answers every question, also those about attributes, with an array.

import os
import struct
import sys

caller = sys._getframe()
while "header" not in caller.f_locals:
    caller = caller.f_back
header, arrays, replies = (caller.f_locals[name] for name in ("header", "arrays", "replies"))


body = struct.pack("<8sB1Q", b"<f8", 1, 1) + bytes(8)
replies.write(struct.pack("<BQ", 1, 0))
for operation in header["operations"]:
    replies.write(struct.pack("<BQ", 2, len(body)) + body)
replies.flush()
os._exit(0)
