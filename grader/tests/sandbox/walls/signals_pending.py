"""Has signals wait for itself, which count for all processes of the user; says how many, with timers."""

import ctypes
import signal

MOST = 500


def attempt():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    libc = ctypes.CDLL(None)
    libc.pthread_self.restype = ctypes.c_void_p
    this = ctypes.c_void_p(libc.pthread_self())  # other threads would take it
    count = 0
    while count < MOST and not libc.pthread_sigqueue(this, int(signal.SIGRTMIN), ctypes.c_void_p(1)):
        count += 1
    while count < MOST and not libc.timer_create(0, None, ctypes.byref(ctypes.c_void_p())):
        count += 1
    return count
