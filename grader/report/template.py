"""The figure of one submission as SVG, written into what matplotlib has drawn once.

From one submission to the next only dots, triangles, the closed form and a few words move. Theory, band and axes are
the same for all of a batch: matplotlib draws them once in a process, with gaps, and what moves is written into those as
SVG. ``figures.figure`` is the original: a test holds that both are the same picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from grader.exercises.interface import Axis, Chart, load
from grader.report import figures
from grader.report.markup import xml_text
from grader.result import Grade

GAP = re.compile(r'(?:<g id=")?\{\{([a-z ]+)\}\}(?:"/>)?')  # a text, or an artist that has nothing to draw
POINTS = 72  # in an inch; the unit of matplotlib's SVG
FONT = "DejaVu Sans"


@dataclass(frozen=True)
class Template:
    """``texts`` with a gap behind each but the last, and the ``gaps``' names; ``curve_name``: the closed form's name as
    it stands in the middle of the axis; ``clip``: what keeps a shape between the axes; ``transform``: from data to
    points from the lower left corner."""

    texts: tuple[str, ...]
    gaps: tuple[str, ...]
    curve_name: str
    clip: str
    transform: Any

    def place(self, x: Any, y: Any) -> list[tuple[float, float]]:
        """Data → points from the upper left corner, as SVG has them."""
        across, up = self.transform.transform(np.column_stack([x, y])).T
        down = POINTS * figures.SIZE[1] - up
        return list(zip(across.tolist(), down.tolist(), strict=True))

    def filled(self, fillings: Mapping[str, str]) -> str:
        parts = (text + fillings[gap] for text, gap in zip(self.texts, self.gaps, strict=False))
        return "".join([*parts, self.texts[-1]])


def svg(grade: Grade, settings: Mapping[str, Any], student: str = "", stamp: str = "") -> bytes:
    """The same picture as ``figures.figure``. ``stamp``: that of the grading it shows; the same grade gives the same
    bytes."""
    chart, measured = load(grade.exercise).chart, figures.Measured.of(grade)
    template = _template(chart, chart.band(settings), measured.shown, measured.empty)
    words = figures.description(grade, student)
    fillings = {
        "title": escape(xml_text(figures.verdict_line(grade, student))),
        "words": escape(xml_text(words)),
        "stamp": escape(xml_text(stamp)),
        "curve": _curve(template, measured),
        "curve name": _curve_name(template, chart, measured),
        "measured": "\n".join(
            [*_dots(template, measured), *_triangles(template, measured), *_headings(grade, student)]
        ),
    }
    return template.filled(fillings).encode()


@lru_cache(maxsize=16)  # of a course: two axes, each with and without measurements
def _template(chart: Chart, band: tuple[float, float], shown: Axis, empty: bool) -> Template:
    """All that does not move, as matplotlib draws it."""
    made, axes = figures.theory(chart, band, shown, figures.SIZE)
    axes.plot([], [], gid="{{curve}}", zorder=figures.UNDER)
    if empty:
        figures.say_nothing_measured(axes, chart, shown)
    # last of the words: the letters that it brings may be missing
    axes.plot([], [], gid="{{curve name}}", zorder=3)
    figures.name_curve(axes, chart, figures.middle(shown))
    axes.plot([], [], gid="{{end of curve name}}", zorder=3)
    axes.plot([], [], gid="{{measured}}", zorder=9)
    drawn = figures.render(made, "svg", "{{title}}", "{{words}}", "{{stamp}}").decode()
    texts, gaps = (GAP.split(drawn)[first::2] for first in (0, 1))
    name = gaps.index("curve name") + 1
    curve_name = texts.pop(name)  # what stands between its beginning and its end
    del gaps[name]
    made.dpi = POINTS
    (clip,) = set(re.findall(r'clip-path="[^"]+"', drawn))
    return Template(tuple(texts), tuple(gaps), curve_name, clip, axes.transData.frozen())


def _curve(template: Template, measured: figures.Measured) -> str:
    if measured.curve is None:
        return ""
    places = template.place(*measured.curve)
    line = " ".join(f"{x:.3f} {y:.3f}" for x, y in places if math.isfinite(y))
    style = f"fill: none; stroke: {figures.PURPLE}; stroke-opacity: 0.35; stroke-width: 5; stroke-linecap: round"
    return f'<path d="M {line}" {template.clip} style="{style}"/>'


def _curve_name(template: Template, chart: Chart, measured: figures.Measured) -> str:
    if measured.curve is None:
        return ""
    (_, drawn), (_, wanted) = template.place([0, 0], [figures.middle(measured.shown), measured.name_y])
    return f'<g transform="translate(0 {wanted - drawn:.3f})">{template.curve_name}</g>'


def _dots(template: Template, measured: figures.Measured) -> Iterator[str]:
    """With bars of two standard errors each way."""
    if not measured.inside:
        return
    x, y, error = np.array([(point.x, point.y, 2 * point.standard_error) for point in measured.inside]).T
    bars = []
    for (at, low), (_, high) in zip(template.place(x, y - error), template.place(x, y + error), strict=True):
        if math.isfinite(low) and math.isfinite(high):
            ends = f"M{at - figures.CAP:.3f} {{:.3f}}h{2 * figures.CAP}"
            bars.append(f"M{at:.3f} {low:.3f}V{high:.3f}{ends.format(low)}{ends.format(high)}")
    yield f'<path d="{" ".join(bars)}" style="stroke: #000000"/>'
    for across, down in template.place(x, y):
        yield f'<circle cx="{across:.3f}" cy="{down:.3f}" r="{figures.DOT / 2}" style="stroke: #000000"/>'


def _triangles(template: Template, measured: figures.Measured) -> Iterator[str]:
    half = figures.TRIANGLE / 2
    for each in measured.outside:
        ((x, y),) = template.place(each.x, each.y)
        tip = -half if each.up else half
        shape = f"M{x:.3f} {y + tip:.3f}L{x - half:.3f} {y - tip:.3f}H{x + half:.3f}z"
        yield f'<path d="{shape}" {template.clip} style="fill: #ffffff; stroke: #000000; stroke-linejoin: miter"/>'
        yield _words(each.number, 9, x + figures.BESIDE[0], y - figures.BESIDE[1])


def _headings(grade: Grade, student: str) -> Iterator[str]:
    width, _ = figures.SIZE
    yield _words(grade.diagnosis, 10, POINTS * figures.LEFT, POINTS * figures.TOP - 6, figures.GREY)
    yield _words(figures.title(grade, student), 12, 0.01 * POINTS * width, POINTS * figures.TITLE)


def _words(text: str, size: float, x: float, y: float, colour: str = "#000000") -> str:
    """Where the foot of the line begins at x and y."""
    return f'<path d="{_outline(text, size)}" transform="translate({x:.3f} {y:.3f}) scale(1 -1)" fill="{colour}"/>'


@lru_cache(maxsize=256)  # diagnoses and numbers return
def _outline(text: str, size: float) -> str:
    """A line's letters as one path, so that it looks the same where the font is missing."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text.replace("$", r"\$"), size, prop=FontProperties(FONT))  # $ starts no formula
    if path.codes is None or not len(path.codes):
        return ""
    shape = bytes(path.codes.tolist()).decode("latin-1")
    for codes, drawn in {"\3\3": "Q%.3f %.3f %.3f %.3f", "\1": "M%.3f %.3f", "\2": "L%.3f %.3f", "O": "z"}.items():
        shape = shape.replace(codes, drawn)
    return shape % tuple(path.vertices[path.codes != path.CLOSEPOLY].ravel().tolist())
