# expected: status raised
# Raises an exception whose text and name no encoding can write.

raise type("Error\u202e\x1b[2J", (Exception,), {})("half a character: \ud800, a bell \a, \x1b]0;PASS\x07 and \x1b[31mred")
