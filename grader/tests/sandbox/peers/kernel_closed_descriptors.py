"""Closes every descriptor that it has."""

MEANS = ("kernel died in cell 1", "timed_out", "printed too much")

os.closerange(0, 4096)
time.sleep(60)
