"""Lets an unknown message stand for an output, so that an update aims behind the last one."""

MEANS = ("kernel failed in cell 1",)

content = {"data": {"text/plain": "a"}, "metadata": {}, "transient": {"display_id": "one"}}
publish("display_data", content)
publish("comm_open", {"comm_id": "1", "target_name": "jupyter.widget", "data": {"state": {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "msg_id": parent["header"]["msg_id"]}}})
publish("clear_output", {"wait": False})
