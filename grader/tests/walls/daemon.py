"""Leaves a process behind that belongs to no session, no terminal and no parent."""

import ctypes
import os
import time

LEAVES = "process"


def attempt():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, TARGETS["mark"].encode(), 0, 0, 0)  # its name
            for number in range(3):
                os.close(number)
            os.closerange(3, 4096)
            time.sleep(60)
        os._exit(0)
    return ""
