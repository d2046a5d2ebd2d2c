"""Looks for the grader's environment in its own, as Python, the C library and the kernel tell it."""

import ctypes
import os


def attempt():
    name = TARGETS["variable"]
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    told = os.environ.get(name, "") or (getenv(name.encode()) or b"").decode()
    if not told and os.path.exists("/proc/self/environ"):
        told = name if name in open("/proc/self/environ").read() else ""
    return told
