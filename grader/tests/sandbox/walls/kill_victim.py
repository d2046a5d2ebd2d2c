"""Kills a process of the grader's user."""

import os
import signal

LEAVES = "victim"


def attempt():
    os.kill(TARGETS["victim"], signal.SIGKILL)
    return "killed"
