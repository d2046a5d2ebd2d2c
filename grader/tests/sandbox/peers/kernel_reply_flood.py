"""Sends replies for ever, to a question that was never asked."""

MEANS = ("timed_out", "printed too much")

parent = {**parent, "header": {**parent["header"], "msg_id": "nobody's"}}
while True:
    reply()
