"""Prints and clears, for ever."""

MEANS = ("printed too much",)

while True:
    publish("stream", {"name": "stdout", "text": "a" * 1000})
    publish("clear_output", {"wait": False})
