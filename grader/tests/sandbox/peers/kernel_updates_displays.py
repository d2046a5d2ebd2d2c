"""Shows 3,000 outputs under one name, and updates them all, for ever."""

MEANS = ("printed too much", "timed_out")

content = {"data": {"text/plain": "a" * 100}, "metadata": {}, "transient": {"display_id": "one"}}
for _ in range(3000):
    publish("display_data", content)
while True:
    publish("update_display_data", content)
