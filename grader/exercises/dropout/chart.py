"""What is drawn: the variance in training over p, and the class's layers by what they do at p = 0.3."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from grader.exercises.dropout import theory
from grader.exercises.dropout.mistakes import MISTAKES
from grader.exercises.interface import Axis, Chart, Line, Map, Place
from grader.result import Point

P = 0.3  # where layers are compared: a fraction kept and a factor name almost every mistake
SERIES = "normal"


def _band(settings: Mapping[str, Any]) -> tuple[float, float]:
    tolerance = float(settings.get("tolerance", 0.1))
    return 1 - tolerance, 1 + tolerance


def _trace(point: Point) -> float | None:
    """The layer's own s²·f, where its scale s could be read off exactly."""
    scale, kept = point.facts["scale"], point.facts["kept"]
    return scale * scale * kept if math.isfinite(scale) and kept > 0 else None


def _straight(p: Any) -> Any:
    """Powers of 1-p, as most closed forms are, are straight lines over -ln(1-p) where y is logarithmic."""
    import numpy as np

    return -np.log1p(-p)


def _find(points: Sequence[Point]) -> tuple[float, float] | None:
    at = (point.facts for point in points if math.isclose(point.x, P) and point.series == SERIES)
    return next(((facts["kept"], facts["scale"]) for facts in at if math.isfinite(facts["scale"])), None)


PLACES = (
    Place("right scale", 1 - P, theory.stable_scale(P)),
    *(
        Place(
            sign.label,
            sign.kept.at(P) if sign.kept else 1 - P,
            sign.scale.at(P) if sign.scale else theory.stable_scale(P),
            sign.side,
        )
        for mistake in MISTAKES
        for sign in mistake.signs
        if sign.label
    ),
)

MAP = Map(
    title="What the layers do at p = 0.3",
    caption="the fraction of units kept, and the factor by which the kept ones grow",
    x=Axis("fraction kept", 0.0, 1.0, (0, 0.25, 0.5, 0.75, 1)),
    y=Axis("survivors’ factor y/x", 0.25, 5.0, (0.25, 0.5, 1, 2, 4), log=True),
    places=PLACES,
    find=_find,
)

CHART = Chart(
    title="Variance in training, measured",
    quantity="Var[y]/Var[x]",
    error="variance error",
    text="Variance of the output relative to the input in training, against the probability of dropping p",
    x=Axis("p, probability of dropping", 0.0, 0.9, (0, 0.2, 0.4, 0.6, 0.8)),
    y=Axis("Var[y] / Var[x] in training", 0.08, 12.5, (0.1, 0.2, 0.5, 1, 2, 5, 10), log=True),
    wide=Axis("Var[y] / Var[x] in training", 0.008, 125.0, (0.01, 0.1, 1, 10, 100), log=True),
    lines=(
        Line("the contract 1 at every p", "the contract", lambda p: 0 * p + 1.0, 1.0),
        Line("inverted dropout 1/(1−p)", "inverted\ndropout", lambda p: 1 / (1 - p), 10.0),
        Line("no scale 1−p", "no scale", lambda p: 1 - p, 0.1),
    ),
    band=_band,
    series=SERIES,
    trace=_trace,
    trace_label="this submission\n(s²·f, as read off)",
    straight=_straight,
    map=MAP,
)
