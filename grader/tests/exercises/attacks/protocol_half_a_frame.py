# expected: status killed
# Sends RAN and the first half of an array, and is gone.

import os
import struct

frame = struct.pack


def everywhere(raw):
    for descriptor in range(1, 12):
        try:
            os.write(descriptor, raw)
        except OSError:
            pass


everywhere(frame("<BQ", 1, 0) + frame("<BQ", 2, 8000) + bytes(4000))
os._exit(0)
