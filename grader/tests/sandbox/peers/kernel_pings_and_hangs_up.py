"""Sends messages with pings between them and hangs up: a libzmq that had stopped to read them aborts its process."""

MEANS = ("kernel died", "printed too much", "kernel failed", "timed_out", "ran")

content = b'{"data": {"text/plain": "x"}, "metadata": {}, "transient": {}}'
header = json.dumps({**parent["header"], "msg_id": "a", "msg_type": "display_data"}, default=str).encode()
parts = [header, json.dumps({"msg_id": "nobody's"}).encode(), b"{}", content]
whole = [b"x", b"<IDS|MSG>", session.sign(parts), *parts]
message = b"".join(frame(part, more=number < len(whole) - 1) for number, part in enumerate(whole))
ping = b"\x04\x0f\x04PING" + bytes(10)
for channel in ("iopub", "shell"):
    for wire in wires(channel):
        try:
            wire.sendall((message + ping) * 100 + ping)
            wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
time.sleep(1)
