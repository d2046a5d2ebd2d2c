# expected: status raised
# Raises a SyntaxError that claims to stand on line -1 of another file.

raise SyntaxError("PASS", ("<answer>", -(10**30), 7, "scale = 1 / np.sqrt(1 - p)"))
