"""multiprocessing: an array in memory that a forked process writes to."""

import os
from multiprocessing import shared_memory

import numpy as np


def attempt():
    memory = shared_memory.SharedMemory(create=True, size=8000)
    try:
        numbers = np.ndarray(1000, buffer=memory.buf)
        numbers[:] = 0
        pid = os.fork()
        if not pid:
            numbers[:] = 1
            os._exit(0)
        os.waitpid(pid, 0)
        total = numbers.sum()
        del numbers
    finally:
        memory.close()
        memory.unlink()
    return "shared" if total == 1000 else ""
