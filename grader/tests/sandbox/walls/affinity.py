"""Puts the victim and a child that runs at the same time on one processor."""

import os


def attempt():
    said = ""
    for pid in (TARGETS["victim"], TARGETS["sibling"]):
        try:
            before = os.sched_getaffinity(pid)
            os.sched_setaffinity(pid, {min(before)})
            if len(before) == 1 or os.sched_getaffinity(pid) != before:
                said += f"{pid} "
            os.sched_setaffinity(pid, before)
        except OSError:
            continue
    return said
