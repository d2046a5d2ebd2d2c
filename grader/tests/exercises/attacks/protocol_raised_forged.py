# expected: status raised
# Describes an exception of its own making, at a line that does not exist, in words that claim a pass.

import os
import struct

frame = struct.pack


def everywhere(raw):
    for descriptor in range(1, 12):
        try:
            os.write(descriptor, raw)
        except OSError:
            pass


body = b'["Passed", "10/10 <b>PASS</b>", 99999999999999999999, ["object"]]'
everywhere(frame("<BQ", 4, len(body)) + body)
os._exit(0)
