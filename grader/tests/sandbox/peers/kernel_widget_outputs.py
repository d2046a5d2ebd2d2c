"""Opens a widget for outputs, prints into it 3,000 times: each time, all that it has is sent back."""

MEANS = ("ran", "printed too much", "timed_out")

state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "outputs": []}
state |= {"msg_id": parent["header"]["msg_id"]}
publish("comm_open", {"comm_id": "1", "target_name": "jupyter.widget", "data": {"state": state}})
for number in range(3000):
    publish("stream", {"name": f"std{['out', 'err'][number % 2]}", "text": "a" * 1000})
