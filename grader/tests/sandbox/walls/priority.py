"""Makes the victim wait for everybody else."""

import os

LEAVES = "victim"


def attempt():
    os.setpriority(os.PRIO_PROCESS, TARGETS["victim"], 19)
    return "last in the queue"
