"""Displays 100 MB at once."""

MEANS = ("printed too much",)

publish("display_data", {"data": {"text/plain": "y" * (100 << 20)}, "metadata": {}})
