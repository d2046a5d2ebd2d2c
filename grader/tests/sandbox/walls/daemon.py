"""Leaves a process behind that belongs to no session, no terminal and no parent."""

import ctypes
import os
import time

LEAVES = "process"


def attempt():
    child = os.fork()
    if child == 0:
        os.setsid()
        ctypes.CDLL(None).prctl(15, TARGETS["mark"].encode(), 0, 0, 0)  # its name, and its child's
        if os.fork() == 0:
            for number in range(3):
                os.close(number)
            os.closerange(3, 4096)
            time.sleep(60)
        os._exit(0)
    os.waitpid(child, 0)  # it has left the session by then
    return ""
