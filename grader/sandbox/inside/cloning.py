"""``os.fork`` straight into new namespaces. Stands alone, beside ``zygote``."""

from __future__ import annotations

import ctypes
import errno
import os
import signal

# <linux/sched.h>, <linux/prctl.h>; a system call's number of these years is the same on all of Linux's machines
PID_DESCRIPTOR, CHILD_CLEAR_TID, CHILD_SET_TID, GET_TID_ADDRESS, CLONE3 = 0x1000, 0x00200000, 0x01000000, 40, 435

_locked = ctypes.PyDLL(None, use_errno=True)  # does not let go of Python's lock


class _Arguments(ctypes.Structure):
    """struct clone_args, as it was at first."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls")
    )


class Cloning:
    """One copy of the process where ``unshare`` and two forks take two.

    It does what Python and glibc do around a fork of a process with one thread: Python's own hooks run, nothing else
    holds its lock meanwhile, and the kernel writes the child's number where glibc keeps it.
    """

    def __init__(self, namespaces: int) -> None:
        self._descriptor = ctypes.c_int()
        self._how = _Arguments(
            flags=namespaces | CHILD_SET_TID | CHILD_CLEAR_TID | PID_DESCRIPTOR,
            pidfd=ctypes.addressof(self._descriptor),
            child_tid=_place_of_number(),
            exit_signal=signal.SIGCHLD,
        )

    @staticmethod
    def can_be_had() -> bool:
        """Is there a clone3, which refuses to be told nothing, and is the thread's number where the kernel says?"""
        there = _locked.syscall(CLONE3, None, ctypes.c_size_t(0)) < 0 and ctypes.get_errno() == errno.EINVAL
        place = _place_of_number()
        return there and place != 0 and ctypes.c_int.from_address(place).value == os.getpid()

    def fork(self) -> tuple[int, int]:
        """0 in the child, which is the first of a new process namespace; its number, and a descriptor of it, here.
        Raises ``OSError`` if there can be no more."""
        python = ctypes.pythonapi
        python.PyOS_BeforeFork()
        pid = _locked.syscall(CLONE3, ctypes.byref(self._how), ctypes.c_size_t(ctypes.sizeof(self._how)))
        if pid == 0:
            python.PyOS_AfterFork_Child()
            return 0, -1
        code = ctypes.get_errno()
        python.PyOS_AfterFork_Parent()
        if pid < 0:
            raise OSError(code, f"clone3: {os.strerror(code)}")
        return pid, self._descriptor.value


def _place_of_number() -> int:
    """Where the kernel writes this thread's number; 0 if it does not say."""
    place = ctypes.c_void_p()
    _locked.prctl(GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0)
    return place.value or 0
