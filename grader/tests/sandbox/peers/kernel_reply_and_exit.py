"""Says that the cell ran well, and is gone."""

MEANS = ("kernel died in cell",)

reply()
os._exit(0)
