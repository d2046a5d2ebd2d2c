"""Sends the victim to the end of every queue, and the processes of its user behind those of everybody else."""

import ctypes
import os

call = ctypes.CDLL(None, use_errno=True).syscall
IOPRIO_SET, IOPRIO_GET = (251, 252) if os.uname().machine == "x86_64" else (30, 31)
OF_PROCESS, IDLE = 1, 3 << 13


def attempt():
    victim, said = TARGETS["victim"], ""
    try:
        os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0))
        said += "idle " * (os.sched_getscheduler(victim) == os.SCHED_IDLE)
        os.sched_setscheduler(victim, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        pass
    if call(IOPRIO_SET, OF_PROCESS, victim, IDLE) == 0 and call(IOPRIO_GET, OF_PROCESS, victim) == IDLE:
        said += "last at the disk "
        call(IOPRIO_SET, OF_PROCESS, victim, 4)
    return said
