"""Cuts off a file in the folder of the reports by its name, without opening it."""

import os

LEAVES = "file"


def attempt():
    os.truncate(TARGETS["gradebook"], 0)
    return "cut off"
