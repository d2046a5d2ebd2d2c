"""Signs messages with anything but the key."""

MEANS = ("kernel failed in cell 1: ValueError",)

for signature in (b"", b"bad", b"\xff" * 64, b"0" * 64):
    iopub.send_multipart([b"x", b"<IDS|MSG>", signature, b"{", b"[", b"nul", b"}"])
time.sleep(0.3)
