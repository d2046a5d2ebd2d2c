# expected: status raised
# Raises a tree of exception groups, each the cause of the next.

error = ValueError("PASS")
for _ in range(900):
    error = BaseExceptionGroup("PASS", [error])
raise error from error
