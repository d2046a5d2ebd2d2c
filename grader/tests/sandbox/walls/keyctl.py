"""Asks the kernel for the session's keys, and leaves one there."""

import ctypes
import platform

KEYCTL, ADD = {"x86_64": (250, 248), "aarch64": (219, 217)}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    session = libc.syscall(KEYCTL, 0, -3, 0)  # GET_KEYRING_ID
    key = libc.syscall(ADD, b"user", b"walls", b"left", 4, -2)  # in the process's own keyring
    if session > 0 or key > 0:
        return f"keys {session}, {key}"
    raise OSError(ctypes.get_errno(), "keyctl")
