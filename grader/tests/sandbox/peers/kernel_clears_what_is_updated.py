"""Updates outputs that it has cleared, with a clearing that waits in between."""

MEANS = ("ran", "kernel failed in cell 1")

content = {"data": {"text/plain": "a"}, "metadata": {}, "transient": {"display_id": "one"}}
for wait in (False, True):
    publish("display_data", content)
    publish("clear_output", {"wait": wait})
    publish("update_display_data", content)
    publish("stream", {"name": "stdout", "text": ""})
    publish("update_display_data", content)
