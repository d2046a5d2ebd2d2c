"""Changes, renames and makes files in the folder of the reports, which anybody may write to."""

import os

LEAVES = "file"


def attempt():
    gradebook = TARGETS["gradebook"]
    with open(gradebook, "a") as file:
        file.write("reward,1.0\n")
    os.chmod(gradebook, 0o600)
    os.rename(gradebook, gradebook + ".old")
    return "rewritten"
