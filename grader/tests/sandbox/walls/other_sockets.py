"""Makes sockets of families that honest work never needs: netlink, packets, the kernel's ciphers."""

import socket


def attempt():
    said = ""
    for family, kind in ((16, 3), (17, 3), (38, 5), (31, 3), (44, 3)):  # NETLINK, PACKET, ALG, BLUETOOTH, XDP
        try:
            said += str(socket.socket(family, kind).family)
        except OSError:
            continue
    return said
