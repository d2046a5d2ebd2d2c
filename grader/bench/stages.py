"""Where the time of one verdict and of one notebook goes, stage by stage."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.api import Grader
from grader.bench import lesson
from grader.bench.forked import ForkedBox
from grader.bench.graded import write_notebook
from grader.bench.row import Sizes
from grader.bench.timing import Runner, Stopwatch, Times, in_turns, on_cores
from grader.course.conditions import Conditions
from grader.course.gradebook import Gradebook
from grader.exercises.dropout import drawn, known
from grader.exercises.interface import Code
from grader.judging.grading import CURVE_N
from grader.report import template
from grader.sandbox.box import Box
from grader.sandbox.frames import Further, Program, Questions
from grader.settings import Settings
from grader.submissions import read as reading
from grader.submissions.collect import Item
from grader.submissions.source import parse

NOTHING = Program("", [], [], seed=0)
SEED = 2016


def verdict(sizes: Sizes) -> dict[str, float]:
    """Median seconds of each stage, in order, on one core; what is left of the whole is in "all else"."""
    settings = Settings(execute="none", isolation="required", seed=SEED)
    with (
        on_cores(1),
        tempfile.TemporaryDirectory() as folder,
        Grader(settings) as grader,
        Gradebook(Path(folder), Conditions.of(settings, grader.task)) as book,
    ):
        cells = list(lesson.code_cells(known.REFERENCE).values())
        path = write_notebook(Path(folder), "one", cells)
        asked = list(drawn.stages(SEED, grader.options.rates, grader.options.inputs))
        start = asked[0]
        program = Program(known.REFERENCE, start.operations, start.arrays, start.layer_seed)
        rest = [Questions(stage.operations, stage.arrays) for stage in asked[1:]]

        def questions() -> Further:
            left = iter(rest)
            return lambda _: next(left, None)

        answer = grader.box.run(program, questions())

        def checked() -> None:
            plan, done = grader.exercise.plan(SEED, grader.options, enough=False), 0
            for stage in asked:
                done += len(stage.operations)
                plan.further(answer.replies[:done])
            plan.judge(Code(tree))

        grade = grader.grade(path)
        open_ = ForkedBox()
        tree = ast.parse(known.REFERENCE)
        work: dict[str, Callable[[], object]] = {
            "read": lambda: reading.read(grader.upload(path), grader.task),
            "plan": lambda: list(drawn.stages(SEED, grader.options.rates, grader.options.inputs)),
            "start": lambda: open_.run(NOTHING),
            "lock-down": lambda: grader.box.run(NOTHING),
            "probes": lambda: grader.box.run(program, questions()),
            "checks": checked,
            "syntax tree": lambda: parse(known.REFERENCE),
            "whole": lambda: grader.grade(path, curve=False),
        }
        found = _medians(work, sizes.verdicts)
        work = {  # afterwards: a process with matplotlib in it forks more slowly
            "curve": lambda: grader.measure(known.REFERENCE, SEED, grader.exercise.places, CURVE_N),
            "figure": lambda: template.svg(grade, {}),
            "write": lambda: book.keep(Item(path, "one", "one"), "", replace(grade, submission="one"), anew=True),
        }
        beyond = _medians(work, sizes.verdicts)
    start_s, empty, whole = found["start"], found["lock-down"], found.pop("whole")
    found |= {
        "lock-down": empty - start_s,
        "probes": found["probes"] - empty,
        "checks": found["checks"] - found["plan"],
    }
    return {**found, "all else": whole - sum(found.values()), "the verdict": whole, **beyond}


def notebook(sizes: Sizes) -> dict[str, float]:
    """Median seconds: a kernel's way to one empty cell and back, the lesson's cells alone, and the lesson's whole."""
    cells = list(lesson.code_cells(known.REFERENCE).values())
    with Box("required", 600.0, 4096) as box, Runner("cells") as forked:
        stopwatch = Stopwatch()

        def executed(sources: list[str]) -> Callable[[], float]:
            def run() -> float:
                with stopwatch:
                    box.run_notebook([("code", source) for source in sources])
                return stopwatch.seconds

            return run

        executed([""])()
        kernel, alone, whole = in_turns(
            sizes.notebooks, executed([""]), lambda: forked(cells)["wall_s"], executed(cells)
        )
    rest = whole.median - kernel.median - alone.median
    return {
        "start, lock-down and end of a kernel": kernel.median,
        "cells": alone.median,
        "messages and figures on their way": rest,
        "the notebook": whole.median,
    }


def _medians(work: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    stopwatch = Stopwatch()

    def timed(do: Callable[[], object]) -> Callable[[], float]:
        def run() -> float:
            with stopwatch:
                do()
            return stopwatch.seconds

        return run

    for do in work.values():
        do()
    times: list[Times] = in_turns(repeats, *map(timed, work.values()))
    return {name: each.median for name, each in zip(work, times, strict=True)}
