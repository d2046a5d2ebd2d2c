"""Writes random bytes below libzmq, where frames are expected; some begin like a short frame, which is no message."""

MEANS = ("printed too much", "kernel failed")

for channel in ("shell", "iopub"):
    for wire in wires(channel):
        wire.sendall(os.urandom(1 << 16))
time.sleep(60)
