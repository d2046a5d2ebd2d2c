"""Announces a frame of 2**63 bytes."""

MEANS = ("printed too much",)

for wire in wires("iopub"):
    wire.sendall(frame(b"", length=2**63))
time.sleep(60)
