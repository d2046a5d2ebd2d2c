"""Takes locks of parts of a file: a million of them keep the kernel busy for minutes after their owner's end."""

import fcntl


def attempt():
    with open("locked", "wb") as file:
        for start in range(1000):
            fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * start)
    return "a thousand locks"
