"""Sends messages of one part, of no part, and without the mark where the signature begins."""

MEANS = ("kernel failed in cell 1",)

for parts in ([b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", session.sign([])], [b"x"] * 2000):
    iopub.send_multipart(parts)
time.sleep(0.3)
