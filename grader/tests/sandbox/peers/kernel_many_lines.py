"""Displays a text of 50,000 lines as a list: each of them is looked at."""

MEANS = ("ran", "printed too much")

publish("display_data", {"data": {"text/plain": ["a"] * 50_000}, "metadata": {}})
