"""Makes a socket to the machine below this virtual one: no namespace of the network holds it."""

import socket


def attempt():
    with socket.socket(40, socket.SOCK_STREAM) as client:
        return str(client)
