"""Shuts its connections down, and goes on."""

MEANS = ("printed too much", "kernel died")

for channel in ("shell", "iopub"):
    for wire in wires(channel):
        wire.shutdown(socket.SHUT_RDWR)
time.sleep(60)
