"""The notebook's check cell, run here, and what it prints."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import sys
import types
import warnings

import numpy as np

from grader.submissions.task import Task


def run_check(task: Task, source: str) -> tuple[int, str]:
    """The notebook's check cell on an implementation, in this process: these layers are our own."""
    (check,) = task.checks
    module = types.ModuleType("lesson")
    module.__dict__["np"] = np
    sys.modules["lesson"] = module
    linecache.cache["<implementation>"] = (len(source), None, source.splitlines(keepends=True), "<implementation>")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "<implementation>", "exec"), module.__dict__)
        exec(compile(check.source, "<check>", "exec"), module.__dict__)
    return module.__dict__["score"], printed.getvalue()


def verdict_and_sentence(printed: str) -> tuple[str, str]:
    """What the check says first: its verdict, and the sentence below it without the line that it quotes."""
    verdict, _, rest = printed.partition("\n\n")[0].strip("\n").partition("\n")
    lines = [line for line in rest.splitlines() if not line.startswith("  line ")]
    return verdict, " ".join(" ".join(lines).split())


def without_numbers(sentence: str) -> str:
    """What the sentence says; the two looks at the layer measure on different arrays."""
    sentence = re.sub(r"(raised \w+): .*", r"\1", sentence)  # numpy's own words depend on the array's shape
    sentence = re.sub(r" It was raised in line \d+ of cell \d+\.", "", sentence)
    return re.sub(r"\([^()]*(\([^()]*\))?[^()]*\)|-?[\d.,]+%?|\b\d-d\b|float\d+", "#", sentence)
