"""The class at a glance: each answer as a dot among known mistakes. What coincides is one dot with a number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.exercises.interface import Axis, Map
from grader.report.entries import Entry

ACROSS, UP = (60, 420), (372, 20)  # the ends of the axes in the drawing; names stand right of them
UNDER_A_CROSS = 9.0  # the least radius of a dot that a cross must not hide
GRID = 7  # in the drawing's units: dots that would lie closer are one


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    count: int
    title: str

    @property
    def r(self) -> float:
        """So that the area grows with the number, up to what still leaves the neighbours in sight."""
        return round(min(UNDER_A_CROSS + 1.5 * math.sqrt(self.count - 1), 16.0), 1)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Cross:
    """A known mistake's place, and where its name stands."""

    name: str
    x: float
    y: float
    side: str


def class_map(chart: Map, entries: Sequence[Entry]) -> dict[str, Any]:
    """Dots, crosses, ticks, a text for those who do not see it, and the names without a place."""
    points = [
        (_at(entry.place[0], chart.x, ACROSS), _at(entry.place[1], chart.y, UP), entry.diagnosis)
        for entry in entries
        if entry.place
    ]
    nowhere = Counter(entry.diagnosis for entry in entries if not entry.place)
    dots = _merged(points)
    return {
        "title": chart.title,
        "caption": chart.caption,
        "x_label": chart.x.label,
        "y_label": chart.y.label,
        "dots": dots,
        "crosses": [
            Cross(place.name, _at(place.x, chart.x, ACROSS), _at(place.y, chart.y, UP), place.side)
            for place in chart.places
        ],
        "x_ticks": [Tick(_at(tick, chart.x, ACROSS), f"{tick:g}") for tick in chart.x.ticks],
        "y_ticks": [Tick(_at(tick, chart.y, UP), f"{tick:g}") for tick in chart.y.ticks],
        "nowhere": ", ".join(f"{count} {name}" for name, count in nowhere.most_common()),
        "text": f"{chart.title}: {chart.x.label} against {chart.y.label}. "
        + ("; ".join(dot.title for dot in dots) or "No submission has a place."),
    }


def _merged(points: Sequence[tuple[float, float, str]]) -> list[Dot]:
    """What would lie on the same spot becomes one dot; the largest are drawn first."""
    cells: dict[tuple[int, int], list[tuple[float, float, str]]] = {}
    for x, y, name in points:
        cells.setdefault((round(x / GRID), round(y / GRID)), []).append((x, y, name))
    spots: list[list[tuple[float, float, str]]] = []
    for cell in sorted(cells.values(), key=len, reverse=True):  # neighbours may lie on two sides of a cell's edge
        near = (spot for spot in spots if max(abs(a - b) for a, b in zip(spot[0][:2], cell[0][:2], strict=True)) < GRID)
        spot = next(near, None)
        if spot is None:
            spots.append(cell)
        else:
            spot += cell
    return sorted(map(_dot, spots), key=lambda dot: -dot.count)


def _dot(spot: Sequence[tuple[float, float, str]]) -> Dot:
    names = Counter(name for _, _, name in spot)
    title = ", ".join(f"{count} {name}" for name, count in names.most_common())
    x, y = (round(sum(values) / len(spot), 1) for values in list(zip(*spot, strict=True))[:2])
    return Dot(x, y, len(spot), title)


def _at(value: float, axis: Axis, ends: tuple[float, float]) -> float:
    """Where a value lies in the drawing; beyond the axis' ends, at its edge."""
    value = min(max(value, axis.low), axis.high)
    low, high = axis.low, axis.high
    if axis.log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return round(ends[0] + (ends[1] - ends[0]) * (value - low) / (high - low), 1)
