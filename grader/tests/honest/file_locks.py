"""A lock of a whole file, as programs use it to wait for one another, and a copy of a descriptor."""

import fcntl
import os


def attempt():
    with open("lock", "wb") as one, open("lock", "wb") as other:
        fcntl.flock(one, fcntl.LOCK_EX)
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 100))
            return "locked"
    return ""
