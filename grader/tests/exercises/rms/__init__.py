"""A second exercise, as small as one can be: a layer that scales each row to a root mean square of 1.

It stands here to hold the seam: what grades, reports, exports and draws dropout does so with this one, and no line of
it knows either.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from grader.exercises.interface import Axis, Chart, Code, Example, Handout, Judgement, Line, Map, Place
from grader.result import Finding, Outcome, Point

HERE = Path(__file__).parent
ROWS, COLUMNS = 50, (4, 16, 64)
START = """class RowRMSNorm:
    def __call__(self, x):
        mean_square = (x * x).mean(axis=-1, keepdims=True)
        return x / mean_square
"""
REFERENCE = START.replace("x / mean_square", "x / np.sqrt(mean_square)")


@dataclass(frozen=True)
class RmsOptions:
    """``slack``: by how much a row's root mean square may differ from 1."""

    slack: float = field(default=1e-6, metadata={"parse": float, "metavar": "X", "help": "what passes around 1"})


@dataclass(frozen=True)
class Stage:
    operations: list[list[Any]]
    arrays: list[Any]
    columns: tuple[int, ...]
    layer_seed: int = 0


def _find(points: Sequence[Point]) -> tuple[float, float] | None:
    return (points[0].y, points[-1].y) if points and all(math.isfinite(point.y) for point in points) else None


def _band(settings: Mapping[str, Any]) -> tuple[float, float]:
    return 1 - settings.get("slack", 1e-6), 1 + settings.get("slack", 1e-6)


COLUMN_AXIS = Axis("columns of a row", 0, 100, (0, 20, 40, 60, 80))
RMS_AXIS = Axis("root mean square of a row", 0, 2, (0, 0.5, 1, 1.5, 2))


MAP = Map("Short rows and long ones", "their root mean squares", RMS_AXIS, RMS_AXIS, (Place("correct", 1, 1),), _find)


class RowRMS:
    name = "rms"
    title = "Row-wise RMS normalization"
    handout = Handout("RowRMSNorm", HERE / "task.ipynb", "rms.py", "test_rms.py", HERE / "task.md")
    rules: ClassVar = {"A1": "shape", "A2": "root mean square", "A3": "direction", "A4": "honesty"}
    hints: ClassVar = {"wrong root mean square": "Let them print one row's mean square, before and after."}
    lesson_hints: ClassVar = {"wrong root mean square": "section 1"}
    honesty = ("A4", "the check cell as it went out")
    Options = RmsOptions
    places = tuple(map(float, COLUMNS))
    examples = (Example("planted bug", START, lambda d: 1.0, passes=False),)
    chart = Chart(
        title="Rows, measured",
        quantity="rms",
        error="rms error",
        text="Root mean square of a row against its length",
        x=COLUMN_AXIS,
        y=RMS_AXIS,
        wide=Axis("root mean square of a row", 0, 200, (0, 100, 200)),
        lines=(Line("the contract 1", "the contract", lambda d: 0 * d + 1.0, 1.0),),
        band=_band,
        series="rows",
        trace=lambda point: None,
        trace_label="",
        straight=lambda d: d,
        map=Map(
            "Short rows and long ones", "their root mean squares", RMS_AXIS, RMS_AXIS, (Place("correct", 1, 1),), _find
        ),
    )

    def published(self, options: Any) -> tuple[float, ...]:
        return self.places

    def wording(self, options: Any) -> Mapping[str, str]:
        return {}

    def plan(self, seed: int, options: RmsOptions, enough: bool) -> Plan:
        return Plan(self.survey(seed, self.places, ROWS * max(COLUMNS)), options)

    def survey(self, seed: int, places: Sequence[float], n: int) -> Stage:
        rng = np.random.default_rng(seed)
        operations: list[list[Any]] = [["new", 0, "RowRMSNorm", [], {}]]
        arrays = []
        for number, columns in enumerate(map(int, places)):
            arrays.append(rng.normal(0.5, 3.0, n // columns * columns))
            size = arrays[-1].size
            view = [number, 0, [size // columns, columns], "<f8", [], 1, [], [], False]
            operations.append(["call", 0, "__call__", [], view])
        return Stage(operations, arrays, tuple(map(int, places)))

    def survey_points(self, stage: Stage, replies: Sequence[Any]) -> tuple[Point, ...]:
        points = []
        for reply, array, columns in zip(replies[1:], stage.arrays, stage.columns, strict=True):
            y = getattr(reply, "data", None)
            if y is None or y.size != array.size:
                return ()
            out, given = y.reshape(-1, columns), array.reshape(-1, columns)
            rms, norm = np.sqrt((out**2).mean(1)), np.sqrt((given**2).mean(1))
            worst = float(rms[np.abs(rms - 1).argmax()])
            cosine = float(((out * given).mean(1) / (rms * norm)).min())
            points.append(Point(float(columns), "rows", y.size, float(rms.mean()), worst, 1.0, 0.0, {"cosine": cosine}))
        return tuple(points)


class Plan:
    """All questions in one stage."""

    def __init__(self, start: Stage, options: RmsOptions) -> None:
        self.start, self._slack = start, options.slack
        self._replies: Sequence[Any] = ()
        self.first_call = 1

    def further(self, replies: Sequence[Any]) -> None:
        self._replies = replies

    def judge(self, code: Code) -> Judgement:
        points, rules = EXERCISE.survey_points(self.start, self._replies), EXERCISE.rules
        shapes = [getattr(reply, "shape", None) for reply in self._replies[1:]]
        asked = zip(self.start.arrays, self.start.columns, strict=True)
        holds = {
            "A1": shapes == [(len(array) // d, d) for array, d in asked],
            "A2": bool(points) and all(abs(point.error) <= self._slack for point in points),
            "A3": bool(points) and all(point.facts["cosine"] > 1 - 1e-9 for point in points),
        }
        findings = tuple(
            Finding(rule, rules[rule], Outcome.PASSED if good else Outcome.FAILED) for rule, good in holds.items()
        )
        wrong = next((rules[rule] for rule, good in holds.items() if not good), "")
        if code.untouched:
            return Judgement(findings, "not attempted", "Nothing has been changed yet.", points=points)
        return Judgement(findings, f"wrong {wrong}" if wrong else "correct", "Look at one row.", points=points)


EXERCISE = RowRMS()
