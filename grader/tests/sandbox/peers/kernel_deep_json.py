"""Sends JSON of 200,000 levels, signed."""

MEANS = ("kernel failed in cell 1: RecursionError", "printed too much")

publish_parts(b"[" * 200_000 + b"]" * 200_000)
