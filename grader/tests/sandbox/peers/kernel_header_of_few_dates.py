"""Sends messages again and again whose headers are full of dates, each of which is parsed."""

MEANS = ("printed too much",)

header = json.dumps({**parent["header"], "msg_id": "a", "msg_type": "display_data", "dates": ["2020-01-01T00:00:00"] * 90_000}, default=str).encode()
for _ in range(20):
    publish_parts(b'{"data": {"text/plain": "x"}, "metadata": {}, "transient": {}}', header=header)
