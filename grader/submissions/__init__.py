"""Reads what was handed in and says whose it is; never runs anything."""
