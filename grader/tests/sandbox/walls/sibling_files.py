"""Looks into the working folder of a child that runs at the same time."""

import glob
import os


def attempt():
    here = os.path.dirname(os.getcwd())
    places = [f"{here}/*", "/tmp/*", "/var/tmp/*", "/run/*", "/dev/shm/*", "/run/learner/*", "/run/learner/*/*", "/*"]
    places += [f"/proc/{TARGETS['sibling']}/cwd", "/proc/[0-9]*/cwd"]
    for place in places:
        for path in glob.glob(f"{place}/{TARGETS['mark']}.txt"):
            return path + open(path).read()
    return ""
