# expected: status raised
# Asks for a future that does not exist.

from __future__ import braces
