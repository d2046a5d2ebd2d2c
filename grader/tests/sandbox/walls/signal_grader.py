"""Sends the grader a signal; whether it came is seen there."""

import os
import signal

LEAVES = "signal"


def attempt():
    for pid in (TARGETS["grader"], os.getppid()):
        try:
            pid > 0 and os.kill(pid, signal.SIGURG)
        except OSError:
            continue
    return ""
