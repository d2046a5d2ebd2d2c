# expected: status raised
# Raises an exception with a text of 50 MB, on as many lines as it has characters.

raise RuntimeError("PASS\n" * 10_000_000)
