"""Displays 50,000 kinds of data at once, none of which exists."""

MEANS = ("ran", "printed too much", "kernel failed")

publish("display_data", {"data": {f"a{number}/b": number for number in range(50_000)}, "metadata": {}})
