"""Sends a list where a message has its content."""

MEANS = ("kernel failed in cell 1",)

publish_parts(b'["not", "a", "dict"]')
