"""Shows 100 outputs under one name, and gives all of them the same metadata, which is written as often."""

MEANS = ("ran", "printed too much")

for _ in range(100):
    publish("display_data", {"data": {"text/plain": "a"}, "metadata": {}, "transient": {"display_id": "d"}})
publish("update_display_data", {"data": {"text/plain": "b"}, "metadata": {"m": "x" * 60_000}, "transient": {"display_id": "d"}})
