"""Takes memory that no process has any more once it is let go: shared and anonymous, or as pages in a pipe."""

import contextlib
import ctypes
import mmap
import os

ADVICE_LET_GO = 4  # MADV_DONTNEED


class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def attempt():
    said = ""
    with contextlib.suppress(OSError):
        memory = mmap.mmap(-1, 1 << 20)
        memory.write(bytes(1 << 20))
        memory.madvise(ADVICE_LET_GO)
        said += "shared "
    with contextlib.suppress(OSError):
        mmap.mmap(os.open("/dev/zero", os.O_RDWR), 1 << 20)
        said += "zeros "
    page = ctypes.create_string_buffer(1 << 16)
    given = Vector(ctypes.addressof(page), len(page))
    if ctypes.CDLL(None, use_errno=True).vmsplice(os.pipe()[1], ctypes.byref(given), ctypes.c_ulong(1), 0) > 0:
        said += "pages"
    return said
