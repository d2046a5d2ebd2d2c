"""Writes random bytes below libzmq, where frames are expected."""

MEANS = ("printed too much")

for channel in ("shell", "iopub"):
    for wire in wires(channel):
        wire.sendall(os.urandom(1 << 16))
time.sleep(60)
