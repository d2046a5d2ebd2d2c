"""Says that it is idle, busy, starting and dead while the cell runs, and asks for input."""

MEANS = ("ran",)

for state in ("idle", "busy", "starting", "dead", "restarting"):
    publish("status", {"execution_state": state})
    publish("input_request", {"prompt": "password: ", "password": True})
