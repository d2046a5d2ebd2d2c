"""Sends outputs for ever that belong to no cell."""

MEANS = ("timed_out", "printed too much")

parent = {**parent, "header": {**parent["header"], "msg_id": "nobody's"}}
while True:
    publish("stream", {"name": "stdout", "text": "a" * 1000})
