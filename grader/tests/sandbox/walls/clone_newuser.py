"""Becomes root of a user namespace of its own, by unshare, clone and clone3."""

import ctypes
import os
import platform
import struct

CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]
NEWUSER = 0x10000000
WAYS = {
    "unshare": lambda libc: os.fork() or os._exit(libc.unshare(NEWUSER) and 1),
    "clone": lambda libc: libc.syscall(CLONE, NEWUSER | 17, 0, 0, 0, 0) or os._exit(0),
    "clone3": lambda libc: libc.syscall(435, ctypes.create_string_buffer(struct.pack("<8Q", NEWUSER, 0, 0, 0, 17, 0, 0, 0)), 64) or os._exit(0),
}


def attempt():
    libc = ctypes.CDLL(None, use_errno=True)
    return " ".join(name for name, way in WAYS.items() if (pid := way(libc)) > 0 and os.waitpid(pid, 0)[1] == 0)
