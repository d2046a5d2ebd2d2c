"""Prints 200,000 single letters, each an output of its own."""

MEANS = ("printed too much",)

for _ in range(200_000):
    publish("stream", {"name": "stdout", "text": "a"})
