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
from grader.result import Grade, Measurement

P = 0.3
LEFT, RIGHT, TOP, BOTTOM = 46, 550, 20, 372
LINES_END = 470  # of the second drawing, whose names stand right of it
FACTORS, VARIANCES = (0.25, 5.0), (0.08, 12.5)  # what the logarithmic axes show; beyond, dots lie on the edge
GRID = 7  # in the drawing's units: dots that would lie closer are one
KNOWN: tuple[tuple[str, float, float], ...] = (  # name, fraction kept, factor
    ("correct", 1 - P, theory.stable_scale(P)),
    ("inverted dropout", 1 - P, 1 / (1 - P)),
    ("divided by p", 1 - P, 1 / P),
    ("root of p", 1 - P, P**-0.5),
    ("no scale", 1 - P, 1.0),
    ("root not inverted", 1 - P, (1 - P) ** 0.5),
    ("test-time factor, or ** before /", 1 - P, 1 - P),  # 0.7, and q ** -1/2 = 0.714
    ("** before / (1/q ** 1/2)", 1 - P, (1 - P) / 2),
    ("p taken as keeping", P, P**-0.5),
    ("mask reversed", P, theory.stable_scale(P)),
    ("nothing dropped", 1.0, theory.stable_scale(P)),
)


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    count: int
    title: str

    @property
    def r(self) -> float:
        """So that the area grows with the number, up to what still leaves the neighbours in sight."""
        return round(min(5.0 + 2.0 * math.sqrt(self.count - 1), 16.0), 1)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


def fingerprints(grades: Sequence[Grade]) -> dict[str, Any]:
    """Dots, crosses, ticks, a text for those who do not see it, and the names without a place."""
    placed = [(grade, m) for grade in grades if (m := _fingerprint(grade))]
    points = [(_x(m.kept_fraction), _y(m.scale, FACTORS), grade.diagnosis) for grade, m in placed]
    nowhere = Counter(grade.diagnosis for grade in grades if not _fingerprint(grade))
    dots = _merged(points)
    crosses = [
        {"name": name, "x": _x(kept), "y": _y(factor, FACTORS), "right": name == "correct", "above": kept == 1.0}
        for name, kept, factor in KNOWN
    ]
    return {
        "dots": dots,
        "crosses": crosses,
        "x_ticks": [Tick(_x(f), f"{f:g}") for f in (0, 0.25, 0.5, 0.75, 1)],
        "y_ticks": [Tick(_y(r, FACTORS), f"{r:g}") for r in (0.25, 0.5, 1, 2, 4)],
        "nowhere": ", ".join(f"{count} {name}" for name, count in nowhere.most_common()),
        "text": "Fraction kept against the factor of the kept units at p = 0.3. "
        + ("; ".join(dot.title for dot in dots) or "No submission has a place."),
    }


def variances(grades: Sequence[Grade], tolerance: float) -> dict[str, Any]:
    """Dots for each rate, theory as lines, the tolerance as a band."""
    measured = [m for grade in grades for m in grade.curve or grade.measurements if m.inputs == "normal"]
    usable = [m for m in measured if math.isfinite(m.variance_ratio)]
    points = [(_at(m.p), _y(m.variance_ratio, VARIANCES), f"p = {m.p:g}") for m in usable]
    laws: tuple[tuple[str, str, Callable[[float], float]], ...] = (
        ("inverted", "inverted", lambda p: 1 / (1 - p)),
        ("contract", "contract", lambda p: 1.0),
        ("none", "no scale", lambda p: 1 - p),
    )
    rates = [k / 50 for k in range(46)]
    top, bottom = _y(1 + tolerance, VARIANCES), _y(1 - tolerance, VARIANCES)
    return {
        "dots": _merged(points),
        "band": (top, round(bottom - top, 1)),
        "lines": [
            {
                "kind": kind,
                "name": name,
                "y": _y(law(0.9), VARIANCES),
                "points": " ".join(f"{_at(p)},{_y(law(p), VARIANCES)}" for p in rates),
            }
            for kind, name, law in laws
        ],
        "x_ticks": [Tick(_at(p), f"{p:g}") for p in (0, 0.2, 0.4, 0.6, 0.8)],
        "y_ticks": [Tick(_y(v, VARIANCES), f"{v:g}") for v in (0.1, 0.2, 0.5, 1, 2, 5, 10)],
        "text": f"Variance ratio against p for {len(grades)} submissions: "
        f"{sum(abs(m.variance_ratio - 1) <= tolerance for m in usable)} of {len(usable)} measurements lie in the band.",
    }


def _fingerprint(grade: Grade) -> Measurement | None:
    at = [m for m in grade.measurements if math.isclose(m.p, P) and m.inputs == "normal" and math.isfinite(m.scale)]
    return at[0] if at else None


def _merged(points: Sequence[tuple[float, float, str]]) -> list[Dot]:
    """What would lie on the same spot becomes one dot; the largest are drawn first."""
    spots: dict[tuple[int, int], list[tuple[float, float, str]]] = {}
    for x, y, name in points:
        spots.setdefault((round(x / GRID), round(y / GRID)), []).append((x, y, name))
    dots = []
    for spot in spots.values():
        names = Counter(name for _, _, name in spot)
        title = ", ".join(f"{count} {name}" for name, count in names.most_common())
        x, y = (round(sum(values) / len(spot), 1) for values in list(zip(*spot, strict=True))[:2])
        dots.append(Dot(x, y, len(spot), title))
    return sorted(dots, key=lambda dot: -dot.count)


def _x(fraction: float) -> float:
    return round(LEFT + 20 + (RIGHT - LEFT - 40) * fraction, 1)


def _at(p: float) -> float:
    return round(LEFT + 10 + (LINES_END - LEFT - 20) * p / 0.9, 1)


def _y(value: float, axis: tuple[float, float]) -> float:
    low, high = (math.log(end) for end in axis)
    share = (math.log(min(max(value, axis[0]), axis[1])) - low) / (high - low)
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)
