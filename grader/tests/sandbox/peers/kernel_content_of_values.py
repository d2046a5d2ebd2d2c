"""Sends messages again and again that are full of small values: each becomes an object of hundreds of bytes."""

MEANS = ("printed too much",)

content = json.dumps({"data": {"application/json": [{} for _ in range(45_000)]}, "metadata": {}, "transient": {}}).encode()
for _ in range(70):
    publish_parts(content)
