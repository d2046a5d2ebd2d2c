"""A lock of a whole file, as programs ask for one, and a copy of a descriptor. With walls, the lock is granted and not
made: files that all children read could be locked for others, and seccomp does not see which file it is."""

import fcntl
import os


def attempt():
    with open("lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_UN)
        os.close(fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 50))
    return "locked"
