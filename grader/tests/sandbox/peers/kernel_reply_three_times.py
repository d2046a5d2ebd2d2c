"""Sends three replies before its own, which tells of an error."""

MEANS = ("ran", "raised in cell 1")

for _ in range(3):
    reply()
1 / 0
