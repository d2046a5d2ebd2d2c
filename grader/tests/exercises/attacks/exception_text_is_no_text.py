# expected: fails
# Raises an exception whose text is a str that slices to bytes.

class Slippery(str):
    def __getitem__(self, part):
        return b"PASS"


class Odd(Exception):
    def __str__(self):
        return Slippery("x" * 400)


raise Odd
