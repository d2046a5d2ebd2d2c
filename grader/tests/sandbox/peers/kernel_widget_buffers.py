"""Keeps a megabyte in each of a hundred buffers of a widget."""

MEANS = ("printed too much",)

for number in range(100):
    data = {"state": {}, "buffer_paths": [[str(number)]]}
    publish("comm_open", {"comm_id": "1", "target_name": "t", "data": data}, buffers=[os.urandom(1 << 20)])
time.sleep(0.5)
