"""Sends a header in which nothing is of the type it should have."""

MEANS = ("kernel failed in cell 1",)

header = {"msg_id": [], "msg_type": 5, "session": None, "username": {}, "date": 12345, "version": [9]}
publish_parts(b'{"name": "stdout", "text": "x"}', header=json.dumps(header).encode())
