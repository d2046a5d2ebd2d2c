"""Asks a child that runs at the same time, by a socket's name that is in no folder."""

import socket


def attempt():
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3)
        client.connect("\0" + TARGETS["mark"] + "-sibling")
        return client.recv(30).decode()
