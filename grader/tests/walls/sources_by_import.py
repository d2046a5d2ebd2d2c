"""Imports the project: from where it is installed, and from its folder."""

import importlib
import sys


def attempt():
    for folder in ("", TARGETS["project"]):
        sys.path.insert(0, folder)
        for name in ("grader", "grader.exercise.known", "grader.exercise.probes", "grader.grading"):
            try:
                return f"{name} from {importlib.import_module(name).__file__}"
            except ImportError:
                continue
    return ""
