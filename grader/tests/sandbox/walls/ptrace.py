"""Attaches itself to the victim and to a child that runs at the same time, as a debugger does."""

import ctypes
import platform

PTRACE = {"x86_64": 101, "aarch64": 117}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    for pid in (TARGETS["victim"], TARGETS["sibling"]):
        if libc.syscall(PTRACE, 0x4206, pid, 0, 0) == 0:  # SEIZE, which lets it run on
            return f"seized {pid}"
    raise OSError(ctypes.get_errno(), "ptrace")
