"""Sends one message without end, in parts of 1 MB."""

MEANS = ("printed too much",)

part = frame(bytes(1 << 20), more=True)
for wire in wires("iopub"):
    while True:
        wire.sendall(part)
