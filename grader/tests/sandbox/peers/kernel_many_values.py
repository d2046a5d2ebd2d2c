"""Sends 5 MB of empty lists: in memory, they are twenty times as much."""

MEANS = ("printed too much",)

publish_parts(b'{"data": {"application/json": [' + b"[]," * 1_700_000 + b'[]]}, "metadata": {}}')
