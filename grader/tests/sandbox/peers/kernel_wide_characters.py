"""Displays 2 MB of letters and one sign that makes Python keep each of them in four bytes."""

MEANS = ("printed too much", "ran")

publish("display_data", {"data": {"text/plain": "\U0001f600" + "a" * (2 << 20)}, "metadata": {}})
