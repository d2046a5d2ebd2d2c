"""Stops itself by SIGSTOP."""

MEANS = ("timed_out", "ran")

import signal

os.kill(os.getpid(), signal.SIGSTOP)
