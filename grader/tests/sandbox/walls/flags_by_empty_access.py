"""Opens a file for neither reading nor writing, which asks for no right, and sets its flags."""

import fcntl
import os
import struct

GET_FLAGS, SET_FLAGS, NO_DUMP = 0x80086601, 0x40086602, 0x40  # <linux/fs.h>


def attempt():
    file = os.open(TARGETS["gradebook"], 3)
    (before,) = struct.unpack("i", fcntl.ioctl(file, GET_FLAGS, bytes(4)))
    fcntl.ioctl(file, SET_FLAGS, struct.pack("i", before ^ NO_DUMP))
    fcntl.ioctl(file, SET_FLAGS, struct.pack("i", before))
    return "flags set"
