"""Opens 300 widgets with 100 kB of state, each of which wants to have the outputs of this cell."""

MEANS = ("printed too much", "kernel failed in cell 1")

for number in range(300):
    state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "outputs": []}
    state |= {"msg_id": parent["header"]["msg_id"], "z": "q" * 100_000}
    publish("comm_open", {"comm_id": str(number), "target_name": "jupyter.widget", "data": {"state": state}})
time.sleep(0.5)
