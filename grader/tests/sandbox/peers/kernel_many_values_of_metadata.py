"""Sends 5 MB of empty lists in each of a message's four parts."""

MEANS = ("printed too much",)

many = b'{"a": [' + b"[]," * 1_700_000 + b"[]]}"
publish_parts(many, header=many, above=many, metadata=many)
