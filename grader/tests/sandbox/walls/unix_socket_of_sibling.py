"""Asks a child that runs at the same time, by the path of its socket."""

import glob
import os
import socket


def attempt():
    here = os.path.dirname(os.getcwd())
    for place in (f"{here}/*", "/tmp/*", "/run/*", "/run/learner/*", "/run/learner/*/*", f"/proc/{TARGETS['sibling']}/cwd", "/proc/[0-9]*/cwd"):
        for path in glob.glob(f"{place}/{TARGETS['mark']}.sock"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(3)
                client.connect(path)
                return client.recv(30).decode()
    return ""
