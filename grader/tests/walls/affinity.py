"""Puts the victim and a child that runs at the same time on one processor."""

import os


def attempt():
    said = ""
    for pid in (TARGETS["victim"], TARGETS["sibling"]):
        try:
            os.sched_setaffinity(pid, {min(os.sched_getaffinity(pid))})
            said += f"{pid} "
        except OSError:
            continue
    return said
