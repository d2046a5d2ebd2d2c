"""Removes the gradebook, and truncates the submission of somebody else."""

import os

LEAVES = "file"


def attempt():
    said = ""
    for act in (lambda: os.truncate(TARGETS["submission"], 0), lambda: os.unlink(TARGETS["gradebook"])):
        try:
            act()
            said += "done "
        except OSError:
            continue
    return said
