"""Stops a process of the grader's user for good."""

import os
import signal

LEAVES = "victim"


def attempt():
    os.kill(TARGETS["victim"], signal.SIGSTOP)
    return "stopped"
