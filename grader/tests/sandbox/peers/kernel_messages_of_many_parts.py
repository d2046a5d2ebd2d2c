"""Sends messages of many parts, each part as large as it may be."""

MEANS = ("printed too much",)

part = frame(bytes((3 << 20) - 100), more=True)
last = frame(b"x")
for wire in wires("iopub"):
    for _ in range(4):
        for _ in range(7):
            wire.sendall(part)
        wire.sendall(last)
    while True:
        pass
