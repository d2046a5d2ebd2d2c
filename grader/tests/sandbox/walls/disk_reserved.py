"""Has disk reserved behind the end of a file, where no limit on its size looks; says how many MiB."""

import ctypes
import os

KEEP_SIZE = 1  # <linux/falloc.h>


def attempt():
    path = "./" + TARGETS["mark"]
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        reserve = ctypes.CDLL(None, use_errno=True).fallocate
        if reserve(file, KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(200 << 20)):
            raise OSError(ctypes.get_errno(), "fallocate")
        return os.fstat(file).st_blocks * 512 >> 20
    finally:
        os.unlink(path)
        os.close(file)
