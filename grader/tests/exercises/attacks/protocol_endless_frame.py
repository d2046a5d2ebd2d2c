# expected: status killed
# Announces a reply of 2**63 bytes.

import os
import struct

frame = struct.pack


def everywhere(raw):
    for descriptor in range(1, 12):
        try:
            os.write(descriptor, raw)
        except OSError:
            pass


everywhere(frame("<BQ", 1, 0) + frame("<BQ", 2, 2**63))
os._exit(0)
