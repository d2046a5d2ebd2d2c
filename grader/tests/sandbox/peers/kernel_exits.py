"""Ends its process in the middle of the cell."""

MEANS = ("kernel died in cell 1",)

os._exit(3)
