"""Leaves a queue of messages in the kernel, and looks whether the child before it did."""

import ctypes
import os
import platform

OPEN, UNLINK = {"x86_64": (240, 241), "aarch64": (180, 181)}[platform.machine()]
TWICE = True
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    name = TARGETS["mark"].encode()
    if libc.syscall(OPEN, name, os.O_RDWR, 0, 0) >= 0:
        libc.syscall(UNLINK, name)
        return "found"
    if libc.syscall(OPEN, name, os.O_RDWR | os.O_CREAT, 0o600, 0) < 0:
        raise OSError(ctypes.get_errno(), "mq_open")
    return ""
