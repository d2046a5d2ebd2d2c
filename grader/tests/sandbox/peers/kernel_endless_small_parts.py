"""Sends one message without end, in parts of no bytes."""

MEANS = ("printed too much",)

parts = b"\x01\x00" * 100_000
for wire in wires("iopub"):
    while True:
        wire.sendall(parts)
