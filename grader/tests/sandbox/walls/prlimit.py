"""Takes the victim its open files."""

import resource

LEAVES = "victim"


def attempt():
    resource.prlimit(TARGETS["victim"], resource.RLIMIT_NOFILE, (16, 16))
    return "limited"
