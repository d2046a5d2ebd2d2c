"""Takes a lease of its own file: with one on a file of everybody's, each open elsewhere waits up to 45 s."""

import fcntl


def attempt():
    with open("leased", "wb") as file:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    return "leased"
