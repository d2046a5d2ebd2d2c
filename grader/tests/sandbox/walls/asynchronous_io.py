"""Takes a queue for asynchronous input and output: the machine has a fixed number of them for everybody."""

import ctypes
import platform

SETUP = {"x86_64": 206, "aarch64": 0}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    context = ctypes.c_ulong(0)
    return "a queue" if libc.syscall(SETUP, 1000, ctypes.byref(context)) == 0 else ""
