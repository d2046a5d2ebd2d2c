"""Sets up io_uring, whose calls no filter sees."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    ring = libc.syscall(425, 4, ctypes.create_string_buffer(200))
    if ring < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    return f"descriptor {ring}"
