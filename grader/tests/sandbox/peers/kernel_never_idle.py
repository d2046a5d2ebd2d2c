"""Says nothing any more on its channel for outputs: the cell is never done."""

MEANS = ("timed_out", "ran")

iopub.send_multipart = lambda *parts, **more: None
kernel.iopub_thread.send_multipart = lambda *parts, **more: None
