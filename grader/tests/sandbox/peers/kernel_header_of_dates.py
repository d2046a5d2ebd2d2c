"""Sends a header of 200,000 dates, each of which is parsed."""

MEANS = ("printed too much",)

header = {**parent["header"], "msg_id": "m", "msg_type": "stream", "dates": ["2020-01-01T00:00:00"] * 200_000}
publish_parts(b'{"name": "stdout", "text": "x"}', header=json.dumps(header, default=str).encode())
