"""Asks a server by a socket's name that is in no folder."""

import socket

LEAVES = "server"


def attempt():
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3)
        client.connect("\0" + TARGETS["mark"])
        return client.recv(30).decode()
