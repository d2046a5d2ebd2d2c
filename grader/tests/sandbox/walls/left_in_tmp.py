"""Leaves files in the folders that everybody shares; whether they are anybody else's is seen from outside."""

LEAVES = "trace"


def attempt():
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run"):
        try:
            open(f"{folder}/{TARGETS['mark']}", "w").write("left")
        except OSError:
            continue
    return ""
