"""Opens the secret files by their paths, one for everybody and one for the grader's user alone."""

import os


def attempt():
    said = ""
    for path in (TARGETS["secret"], TARGETS["private"]):
        try:
            said += open(path).read()
        except OSError:
            with os.fdopen(os.open(path, os.O_RDONLY)) as file:
                said += file.read()
    return said
