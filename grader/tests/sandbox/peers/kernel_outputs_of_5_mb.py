"""Displays 5 MB again and again, each within what one message may have."""

MEANS = ("printed too much",)

for _ in range(40):
    publish("display_data", {"data": {"text/plain": "y" * (5 << 20)}, "metadata": {}})
