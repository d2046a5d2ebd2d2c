"""Sends a message that takes long to look at, and at once one of parts without end."""

MEANS = ("printed too much",)

content = json.dumps({"data": {"application/json": [{} for _ in range(49_000)]}, "metadata": {}, "transient": {}}).encode()
header = json.dumps({**parent["header"], "msg_id": "a", "msg_type": "display_data"}, default=str).encode()
above = json.dumps({"msg_id": parent["header"]["msg_id"]}).encode()
parts = [header, above, b"{}", content]
whole = [b"x", b"<IDS|MSG>", session.sign(parts), *parts]
part = frame(bytes((3 << 20) - 100), more=True)
for wire in wires("iopub"):
    wire.sendall(b"".join(frame(p, more=k < len(whole) - 1) for k, p in enumerate(whole)))
    while True:
        wire.sendall(part)
