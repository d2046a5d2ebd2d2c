"""The class at a glance, as numbers for two drawings: the fingerprint map and the class's variances.

A layer's fingerprint is (fraction kept, factor of the kept ones) at p = 0.3. What coincides is one dot with a number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.exercise import theory
from grader.report.entries import Entry, P

LEFT, RIGHT, TOP, BOTTOM = 46, 470, 20, 372  # of both drawings; names stand right of it
FACTORS, VARIANCES = (0.25, 5.0), (0.08, 12.5)  # what the logarithmic axes show; beyond, dots lie on the edge
UNDER_A_CROSS = 9.0  # the least radius of a dot that a cross must not hide
GRID = 7  # in the drawing's units: dots that would lie closer are one


@dataclass(frozen=True)
class Known:
    """A mistake's place on the map, and where its name stands: right of the cross, above or below it."""

    name: str
    kept: float
    factor: float
    side: str = "right"

    @property
    def x(self) -> float:
        return _fraction(self.kept)

    @property
    def y(self) -> float:
        return _y(self.factor, FACTORS)


KNOWN = (
    Known("correct", 1 - P, theory.stable_scale(P)),
    Known("inverted dropout", 1 - P, 1 / (1 - P)),
    Known("divided by p", 1 - P, 1 / P),
    Known("root of p", 1 - P, P**-0.5),
    Known("no scale", 1 - P, 1.0),
    Known("root not inverted", 1 - P, (1 - P) ** 0.5),
    Known("test-time factor, or ** before /", 1 - P, 1 - P),  # 0.7, and q ** -1/2 = 0.714
    Known("** before / (1/q ** 1/2)", 1 - P, (1 - P) / 2),
    Known("p taken as keeping", P, P**-0.5, "above"),
    Known("mask reversed", P, theory.stable_scale(P), "below"),
    Known("nothing dropped", 1.0, theory.stable_scale(P)),
)


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    count: int
    title: str
    least: float = 5.0

    @property
    def r(self) -> float:
        """So that the area grows with the number, up to what still leaves the neighbours in sight."""
        return round(min(self.least + 1.5 * math.sqrt(self.count - 1), 16.0), 1)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


def fingerprints(entries: Sequence[Entry]) -> dict[str, Any]:
    """Dots, crosses, ticks, a text for those who do not see it, and the names without a place."""
    points = [
        (_fraction(e.fingerprint[0]), _y(e.fingerprint[1], FACTORS), e.diagnosis) for e in entries if e.fingerprint
    ]
    nowhere = Counter(entry.diagnosis for entry in entries if not entry.fingerprint)
    dots = _merged(points, UNDER_A_CROSS)
    return {
        "dots": dots,
        "crosses": KNOWN,
        "x_ticks": [Tick(_fraction(f), f"{f:g}") for f in (0, 0.25, 0.5, 0.75, 1)],
        "y_ticks": [Tick(_y(r, FACTORS), f"{r:g}") for r in (0.25, 0.5, 1, 2, 4)],
        "nowhere": ", ".join(f"{count} {name}" for name, count in nowhere.most_common()),
        "text": "Fraction kept against the factor of the kept units at p = 0.3. "
        + ("; ".join(dot.title for dot in dots) or "No submission has a place."),
    }


def variances(entries: Sequence[Entry]) -> dict[str, Any]:
    """Dots for each rate, theory as lines, the tolerance as a band."""
    tolerance = entries[0].tolerance if entries else 0.1
    measured = [pair for entry in entries for pair in entry.variances]
    laws: tuple[tuple[str, str, Callable[[float], float]], ...] = (
        ("inverted", "inverted", lambda p: 1 / (1 - p)),
        ("contract", "contract", lambda p: 1.0),
        ("none", "no scale", lambda p: 1 - p),
    )
    rates = [k / 50 for k in range(46)]
    top, bottom = _y(1 + tolerance, VARIANCES), _y(1 - tolerance, VARIANCES)
    return {
        "dots": _merged([(_rate(p), _y(ratio, VARIANCES), f"p = {p:g}") for p, ratio in measured]),
        "band": (top, round(bottom - top, 1)),
        "tolerance": f"{tolerance:.0%}",
        "lines": [
            {
                "kind": kind,
                "name": name,
                "y": _y(law(0.9), VARIANCES),
                "points": " ".join(f"{_rate(p)},{_y(law(p), VARIANCES)}" for p in rates),
            }
            for kind, name, law in laws
        ],
        "x_ticks": [Tick(_rate(p), f"{p:g}") for p in (0, 0.2, 0.4, 0.6, 0.8)],
        "y_ticks": [Tick(_y(v, VARIANCES), f"{v:g}") for v in (0.1, 0.2, 0.5, 1, 2, 5, 10)],
        "text": f"Variance ratio against p for {len(entries)} submissions: "
        f"{sum(abs(ratio - 1) <= tolerance for _, ratio in measured)} of {len(measured)} measurements lie in the band.",
    }


def _merged(points: Sequence[tuple[float, float, str]], least: float = 5.0) -> list[Dot]:
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
    return sorted((_dot(spot, least) for spot in spots), key=lambda dot: -dot.count)


def _dot(spot: Sequence[tuple[float, float, str]], least: float) -> Dot:
    names = Counter(name for _, _, name in spot)
    title = ", ".join(f"{count} {name}" for name, count in names.most_common())
    x, y = (round(sum(values) / len(spot), 1) for values in list(zip(*spot, strict=True))[:2])
    return Dot(x, y, len(spot), title, least)


def _fraction(kept: float) -> float:
    return round(LEFT + 14 + (RIGHT - LEFT - 64) * kept, 1)


def _rate(p: float) -> float:
    return round(LEFT + 10 + (RIGHT - LEFT - 20) * p / 0.9, 1)


def _y(value: float, axis: tuple[float, float]) -> float:
    low, high = (math.log(end) for end in axis)
    share = (math.log(min(max(value, axis[0]), axis[1])) - low) / (high - low)
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)
