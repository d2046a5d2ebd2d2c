"""Sends a number as a header, and a list as its parent."""

MEANS = ("kernel failed in cell 1",)

publish_parts(b"{}", header=b"5", above=b"[]")
