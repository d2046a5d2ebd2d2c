# expected: fails
# Sends four million empty replies, within what an honest child may send in bytes.

import os
import struct
import sys

caller = sys._getframe()
while "header" not in caller.f_locals:
    caller = caller.f_back
header, arrays, replies = (caller.f_locals[name] for name in ("header", "arrays", "replies"))


replies.write(struct.pack("<BQ", 1, 0))
for _ in range(40):
    replies.write(100_000 * struct.pack("<BQ", 3, 0))
replies.flush()
os._exit(0)
