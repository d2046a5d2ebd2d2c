"""Writes into the victim's memory through /proc."""

LEAVES = "victim"


def attempt():
    with open(f"/proc/{TARGETS['victim']}/mem", "r+b", buffering=0) as memory:
        memory.seek(TARGETS["address"])
        said = memory.read(8)
        memory.seek(TARGETS["address"])
        memory.write(b"harmed!!")
    return f"{said} overwritten"
