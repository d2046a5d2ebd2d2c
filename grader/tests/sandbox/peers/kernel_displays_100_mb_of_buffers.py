"""Sends 100 MB beside a message, in a buffer that nobody asked for."""

MEANS = ("printed too much",)

publish("display_data", {"data": {}, "metadata": {}}, buffers=[b"z" * (100 << 20)])
