"""Sends half a frame on each channel, and is silent; what the kernel itself sends then may complete it to no message."""

MEANS = ("timed_out", "printed too much", "kernel died", "kernel failed")

for channel in ("iopub", "shell"):
    for wire in wires(channel):
        wire.sendall(frame(bytes(1000), length=4000))
while True:
    time.sleep(1)
