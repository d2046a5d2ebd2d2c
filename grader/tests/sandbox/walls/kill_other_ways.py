"""Kills the victim through a descriptor of its process, through its thread and by a queued signal."""

import ctypes
import platform

TKILL, TGKILL = {"x86_64": (200, 234), "aarch64": (130, 131)}[platform.machine()]
LEAVES = "victim"
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    victim = TARGETS["victim"]
    by = [libc.syscall(424, libc.syscall(434, victim, 0), 15, 0, 0)]  # pidfd_send_signal, pidfd_open
    by += [libc.syscall(TGKILL, victim, victim, 15), libc.syscall(TKILL, victim, 15), libc.sigqueue(victim, 15, 0)]
    return f"{by}" if 0 in by else ""
