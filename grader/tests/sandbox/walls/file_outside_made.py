"""Makes a file in the folder of the reports, through a descriptor of the root and through a symbolic link."""

import os

LEAVES = "file"


def attempt():
    folder = os.path.dirname(TARGETS["gradebook"])
    os.symlink(folder, "reports")
    said = ""
    for path in (f"{folder}/new", "../" * 20 + f"{folder}/new2", "reports/new3"):
        try:
            open(path, "w").write("reward,1.0\n")
            said += path
        except OSError:
            continue
    return said
