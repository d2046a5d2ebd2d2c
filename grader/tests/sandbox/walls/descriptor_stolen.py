"""Takes a copy of the victim's standard input out of the victim."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    for pid in (TARGETS["victim"], TARGETS["sibling"]):
        victim = libc.syscall(434, pid, 0)  # pidfd_open
        stolen = libc.syscall(438, victim, 0, 0)  # pidfd_getfd
        if stolen >= 0:
            return f"descriptor {stolen}: {os.fstat(stolen)}"
    raise OSError(ctypes.get_errno(), "pidfd_getfd")
