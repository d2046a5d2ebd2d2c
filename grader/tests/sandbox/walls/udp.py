"""Asks a server of this machine by UDP."""

import socket

LEAVES = "server"


def attempt():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(3)
        client.connect(("127.0.0.1", TARGETS["udp"]))
        client.send(b"?")
        return client.recv(30).decode()
