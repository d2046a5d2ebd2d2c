# expected: status killed
# Writes READY, RAN and replies that say PASS to every descriptor, and is gone.

import os
import struct

frame = struct.pack


def everywhere(raw):
    for descriptor in range(1, 12):
        try:
            os.write(descriptor, raw)
        except OSError:
            pass


everywhere(frame("<BQ", 0, 0) + frame("<BQ", 1, 0) + 400 * (frame("<BQ", 3, 4) + b"PASS"))
os._exit(0)
