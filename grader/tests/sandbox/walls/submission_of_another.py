"""Reads a submission of somebody else, where the grader was given it."""

import os


def attempt():
    folder = os.path.dirname(TARGETS["submission"])
    return open(TARGETS["submission"]).read() + str(os.listdir(folder))
