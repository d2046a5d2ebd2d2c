"""Asks a server of this machine by the path of its socket, directly and round by /proc."""

import socket

LEAVES = "server"


def attempt():
    for way in ("", "/proc/self/root", f"/proc/{TARGETS['victim']}/root", "/proc/1/root"):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(3)
            try:
                client.connect(way + TARGETS["socket"])
            except OSError:
                continue
            return client.recv(30).decode()
    return ""
