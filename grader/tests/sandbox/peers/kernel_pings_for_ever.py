"""Sends commands instead of messages, for ever: each is short, and asks for an answer."""

MEANS = ("printed too much",)

for wire in wires("iopub"):
    while True:
        wire.sendall((b"\x04\x0f\x04PING" + bytes(10)) * 1000)
