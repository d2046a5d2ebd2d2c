# expected: fails
# Writes bytes to the reply stream for ever, the first of them announcing a frame that never ends.

import os
import struct
import sys

caller = sys._getframe()
while "header" not in caller.f_locals:
    caller = caller.f_back
header, arrays, replies = (caller.f_locals[name] for name in ("header", "arrays", "replies"))


while True:
    os.write(replies.fileno(), b"\x7f" * (1 << 16))
