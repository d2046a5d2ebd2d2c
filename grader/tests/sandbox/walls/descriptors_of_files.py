"""Looks whether an open descriptor leads to a file, a folder or a terminal that is not its own."""

import os
import stat


def attempt():
    for number in range(1024):
        try:
            about = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISDIR(about.st_mode) or os.isatty(number) or about.st_ino in TARGETS["inodes"]:
            return f"descriptor {number}: {about}"
    return ""
