"""Prints for ever, and the cell never ends."""

MEANS = ("printed too much",)

while True:
    publish("stream", {"name": "stdout", "text": "a" * 1000})
