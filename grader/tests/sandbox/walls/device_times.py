"""Sets the times of a device that all children have, and looks whether the child before it did."""

import os

TWICE = True
THEN = 1_000_000_000 + int(TARGETS["mark"][1:], 16) % 10**8


def attempt():
    said = ""
    for path in ("/dev/null", "/dev/zero"):
        if int(os.stat(path).st_mtime) == THEN:
            said += path + " "
        try:
            os.utime(path, (THEN, THEN))
        except OSError:
            continue
    return said
