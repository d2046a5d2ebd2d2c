"""Looks who else runs here, and with which arguments."""

import os


def attempt():
    for pid in (TARGETS["grader"], TARGETS["victim"], TARGETS["sibling"]):
        try:
            return f"{pid}: {open(f'/proc/{pid}/cmdline').read()}"
        except OSError:
            continue
    return ""
