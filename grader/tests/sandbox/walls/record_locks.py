"""Takes locks of parts of a file that another process then waits for: with a million of them the kernel is busy for
minutes after their owner's end."""

import fcntl
import os


def attempt():
    with open("locked", "wb") as file:
        for start in range(1000):
            fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * start)
        pid = os.fork()
        if not pid:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os._exit(1)
            os._exit(0)
        return "a thousand locks" if os.waitpid(pid, 0)[1] else ""
