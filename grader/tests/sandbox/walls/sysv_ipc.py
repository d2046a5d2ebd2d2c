"""Makes memory, messages and semaphores in the old way of System V, which outlive their makers."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    said = ""
    if (number := libc.shmget(0, 4096, 0o1600)) >= 0:
        said += f"memory {number} "
        libc.shmctl(number, 0, None)
    if (number := libc.msgget(0, 0o1600)) >= 0:
        said += f"messages {number} "
        libc.msgctl(number, 0, None)
    if (number := libc.semget(0, 1, 0o1600)) >= 0:
        said += f"semaphores {number}"
        libc.semctl(number, 0, 0)
    return said
