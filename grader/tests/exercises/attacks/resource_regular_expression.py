# expected: status timed_out
# Matches a regular expression that tries every way to cut a text.

import re

re.match(r"(a|a)*b", "a" * 60)
