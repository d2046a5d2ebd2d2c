"""Keeps a widget's state that is as deep as it can just be read."""

MEANS = ("kernel failed in cell", "ran")

header = json.dumps({**parent["header"], "msg_id": "w", "msg_type": "comm_open"}, default=str).encode()
for depth in range(500, 990, 160):
    state = b'{"_model_module": "m", "_model_name": "n", "deep": ' + b"[" * depth + b"]" * depth + b"}"
    comm = b'{"comm_id": "%d", "target_name": "t", "data": {"state": %s}}' % (depth, state)
    iopub.send_multipart([b"x", b"<IDS|MSG>", session.sign([header, json.dumps(parent, default=str).encode(), b"{}", comm]), header, json.dumps(parent, default=str).encode(), b"{}", comm])
time.sleep(0.3)
