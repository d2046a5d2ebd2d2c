"""Shows 100 small outputs under one name, and then one large object in all of them: written, it would be 180 MB."""

MEANS = ("printed too much",)

for number in range(100):
    publish("display_data", {"data": {"text/plain": "a"}, "metadata": {}, "transient": {"display_id": "d"}})
    if number % 50 == 0:
        time.sleep(0.02)
publish("update_display_data", {"data": {"text/plain": "b" * 1_800_000}, "metadata": {}, "transient": {"display_id": "d"}})
time.sleep(1)
