"""Displays JSON as deep as it can just be read."""

MEANS = ("kernel failed in cell 1", "ran")

for depth in range(100, 1000, 100):
    data = b'{"data": {"application/json": ' + b'{"a":' * depth + b"1" + b"}" * depth + b'}, "metadata": {}}'
    publish_parts(data)
