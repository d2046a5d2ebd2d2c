"""Leaves a file wherever it can, and looks whether the child before it did."""

import os
import sys

TWICE = True


def attempt():
    said = ""
    places = [os.getcwd(), os.path.dirname(os.getcwd()), os.environ.get("HOME", "/"), os.environ.get("TMPDIR", "/")]
    for folder in {*places, "/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/etc", "/usr/lib", sys.prefix}:
        path = f"{folder}/{TARGETS['mark']}"
        if os.path.exists(path):
            said += path + " "
        try:
            open(path, "w").write("left")
        except OSError:
            continue
    return said
