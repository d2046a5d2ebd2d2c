"""Reads the environment of every process that it can see."""

import glob
import os


def attempt():
    others = [f"/proc/{pid}/environ" for pid in (os.getppid(), 1, TARGETS["grader"], TARGETS["victim"])]
    for path in others + glob.glob("/proc/[0-9]*/environ"):
        try:
            if TARGETS["variable"] in open(path).read():
                return path
        except OSError:
            continue
    return ""
