"""Reads the limits of a child that runs at the same time."""

import resource


def attempt():
    return str(resource.prlimit(TARGETS["sibling"], resource.RLIMIT_NOFILE))
