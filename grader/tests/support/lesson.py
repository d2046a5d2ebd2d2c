"""The lesson's cells, run in this process as if a learner had filled them in, and the figures that they draw."""

from __future__ import annotations

import contextlib
import io
import itertools
from typing import TYPE_CHECKING, Any

from grader.bench.lesson import code_cells
from grader.exercises.dropout import known

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(*, constrained: bool) -> dict[str, Figure]:
    """By their names, as they were shown. ``constrained``: with the axes where matplotlib's layout puts them, and not
    where the notebook says."""
    from matplotlib import figure, rc_context

    names: dict[str, Any] = {}
    drawn: dict[str, Figure] = {}

    def new_figure(name: str, columns: int = 1) -> tuple[Figure, Any]:
        if not constrained:
            drawn[name], axes = as_handed_out(name, columns)
            return drawn[name], axes
        drawn[name] = figure.Figure(figsize=names["FRAMES"][name][:2])
        drawn[name].set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
        return drawn[name], drawn[name].subplots(1, columns)

    setup, *others = code_cells(known.REFERENCE).values()
    with contextlib.redirect_stdout(io.StringIO()), rc_context():
        exec(setup, names)
        as_handed_out = names["new_figure"]
        names |= {"new_figure": new_figure, "display": lambda *_, **__: None}
        for source in others:
            exec(source, names)
    for each in drawn.values():
        each.set_layout_engine("none")  # the axes stay where they are now
    return drawn


def frame(figure: Figure) -> tuple[float, ...]:
    """Width, height, and where its axes lie: left, bottom, right, top, and the gap where there are two."""
    boxes = [axes.get_position() for axes in figure.axes]
    gaps = [(right.x0 - left.x1) / left.width for left, right in itertools.pairwise(boxes)]
    edges = (boxes[0].x0, boxes[0].y0, boxes[-1].x1, boxes[0].y1)
    return (*map(float, figure.get_size_inches()), *(round(float(each), 6) for each in (*edges, *gaps)))
