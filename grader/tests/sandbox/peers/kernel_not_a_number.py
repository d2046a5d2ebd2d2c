"""Displays what JSON lacks: NaN and infinities, as words and as a number that is too large."""

MEANS = ("ran",)

publish_parts(b'{"data": {"application/json": NaN, "text/plain": "a"}, "metadata": {"x": Infinity, "y": [1e999, -1e999]}}')
