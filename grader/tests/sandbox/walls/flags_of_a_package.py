"""Sets the flags of a file that it may read, and its owner may change."""

import fcntl
import os
import struct

import numpy as np

GET_FLAGS, SET_FLAGS, NO_DUMP = 0x80086601, 0x40086602, 0x40  # <linux/fs.h>


def attempt():
    file = os.open(np.__file__, os.O_RDONLY)
    (before,) = struct.unpack("i", fcntl.ioctl(file, GET_FLAGS, bytes(4)))
    fcntl.ioctl(file, SET_FLAGS, struct.pack("i", before ^ NO_DUMP))
    fcntl.ioctl(file, SET_FLAGS, struct.pack("i", before))
    return "flags set"
