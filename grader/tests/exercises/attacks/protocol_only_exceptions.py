# expected: fails
# Answers every question with a ValueError, as if every p were bad.

import os
import struct
import sys

caller = sys._getframe()
while "header" not in caller.f_locals:
    caller = caller.f_back
header, arrays, replies = (caller.f_locals[name] for name in ("header", "arrays", "replies"))


body = b'["ValueError", "p", 0, ["Exception"]]'
replies.write(struct.pack("<BQ", 1, 0))
for operation in header["operations"]:
    replies.write(struct.pack("<BQ", 4, len(body)) + body)
replies.flush()
os._exit(0)
