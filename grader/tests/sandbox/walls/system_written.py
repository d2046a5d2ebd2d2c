"""Makes a file among those of Python, of the system and of the project: code that others would run."""

LEAVES = "trace"


def attempt():
    for folder in TARGETS["system"]:
        try:
            open(f"{folder}/{TARGETS['mark']}", "w").write("1/0\n")
        except OSError:
            continue
    return ""
