"""Asks a server of this machine by TCP."""

import socket

LEAVES = "server"


def attempt():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(3)
        client.connect(("127.0.0.1", TARGETS["tcp"]))
        return client.recv(30).decode()
