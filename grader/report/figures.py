"""The exercise's chart: theory as lines, measurements as dots with ±2 standard errors, what passes as a band.

matplotlib's object interface only: no global figure state, no window. SVG is byte-stable for one version of matplotlib
(fixed hash salt, no date). Colours are those of Okabe & Ito (2008), each with a line style of its own.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.interface import Axis, Chart, load
from grader.report.entries import Entry, drawn
from grader.report.markup import xml_text
from grader.result import Grade, Point
from grader.sandbox.extras import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# of the chart's lines in order, the contract's first: colour, style, and which is drawn on top
STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"))
SKY, PURPLE, DARK_PURPLE = "#56B4E9", "#CC79A7", "#8F3F6B"
GREY = "#404040"
LEFT, RIGHT, BOTTOM, TOP = 0.63, 0.10, 0.48, 0.525  # margins in inches, given: to find them doubles the time
TITLE = 0.2106  # inches from the figure's top to the foot of its title
SIZE = (6.8, 4.2)  # inches; texts of 9 pt and more are then readable at 680 px
CLASS_SIZE = (4.8, 3.8)  # beside the map, in half a page
DOT, CAP, TRIANGLE = 4.5, 2.5, 7.0  # points: a dot's width, half of a bar's end, a triangle's width
BESIDE = (5.603, -2.337)  # points, from a triangle to the foot of its number
UNDER = 1.5  # the closed form's place: above the band, below axes and lines
ROOM = 0.11  # of the axis' height, between the middles of two names of two lines each
NAMES = 0.3  # of the axis' length, right of it: for the names of the lines


@dataclass(frozen=True)
class Outside:
    """A measurement beyond the axis: where its triangle stands, whether it points up, and its number."""

    x: float
    y: float
    up: bool
    number: str


@dataclass(frozen=True)
class Measured:
    """What a figure shows of one submission, and the vertical axis for it. ``curve``: the submission's own closed form,
    as x and y, where it can be read off exactly and is not the contract's; its name stands by its end, at ``name_y``.
    """

    shown: Axis
    inside: tuple[Point, ...]
    outside: tuple[Outside, ...]
    curve: tuple[Any, Any] | None
    name_y: float

    @classmethod
    def of(cls, grade: Grade) -> Measured:
        chart, dots = load(grade.exercise).chart, drawn(grade)
        shown = _axis(chart, [point.y for point in dots])
        low, high = shown.low, shown.high
        outside = (
            Outside(point.x, high / 1.15 if point.y > high else low * 1.15, point.y > high, f"{point.y:.3g}")
            for point in dots
            if not low <= point.y <= high
        )
        curve = _closed_form(chart, dots)
        name_y = _free_place(shown, curve[1][-1], [line.label_y for line in chart.lines]) if curve else 0.0
        return cls(shown, tuple(point for point in dots if low <= point.y <= high), tuple(outside), curve, name_y)

    @property
    def empty(self) -> bool:
        return not (self.inside or self.outside)


def figure(grade: Grade, settings: Mapping[str, Any], student: str = "") -> Figure:
    """Measured against theory, for one submission; ``settings`` are those that it was graded under, by name. It is
    called after its ``student``, or else after its file. ``template.svg`` gives the same picture in less time."""
    chart, measured = load(grade.exercise).chart, Measured.of(grade)
    made, axes = theory(chart, chart.band(settings), measured.shown, SIZE)
    if measured.curve:
        axes.plot(*measured.curve, color=PURPLE, lw=5, alpha=0.35, solid_capstyle="round", zorder=UNDER)
        name_curve(axes, chart, measured.name_y)
    _draw_dots(axes, measured)
    if measured.empty:
        say_nothing_measured(axes, chart, measured.shown)
    made.text(0.01, 1 - TITLE / SIZE[1], title(grade, student), fontsize=12, parse_math=False)  # $ may be in a name
    axes.set_title(grade.diagnosis, loc="left", y=1.0, fontsize=10, color=GREY)
    return made


def class_figure(chart: Chart, entries: Sequence[Entry]) -> Figure:
    """The same for a class: a dot's area grows with the number of measurements that lie there."""
    spots = Counter((x, float(f"{y:.2g}")) for entry in entries for x, y in entry.points)
    band = entries[0].band if entries else chart.band({})
    shown = _axis(chart, [y for _, y in spots])
    made, axes = theory(chart, band, shown, CLASS_SIZE)
    x, y = ([spot[k] for spot in spots] for k in (0, 1))
    at = np.clip(y, shown.low, shown.high)
    area = [16 + 12 * count for count in spots.values()]
    axes.scatter(x, at, s=area, c="black", alpha=0.45, lw=0, zorder=3, clip_on=False)
    return made


def _axis(chart: Chart, values: Sequence[float]) -> Axis:
    """The vertical axis on which these values lie."""
    return chart.y if all(chart.y.low <= y <= chart.y.high for y in values) else chart.wide


def theory(chart: Chart, band: tuple[float, float], shown: Axis, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """A figure with the lines of theory and what passes, and its axes."""
    require("report")
    from matplotlib.figure import Figure

    (width, height), across, up = size, size[0] - LEFT - RIGHT, size[1] - BOTTOM - TOP
    made = Figure(figsize=size, facecolor="white")
    margins = {"left": LEFT / width, "right": 1 - RIGHT / width, "bottom": BOTTOM / height, "top": 1 - TOP / height}
    axes = made.subplots(gridspec_kw=margins)
    axes.fill_between((chart.x.low, chart.x.high), *band, color=SKY, alpha=0.25, lw=0)
    x = np.linspace(chart.x.low, chart.x.high, 181)
    for number, (line, (colour, style)) in reversed([*enumerate(zip(chart.lines, STYLES, strict=False))]):
        axes.plot(x, line.law(x), color=colour, ls=style, lw=1.5)
        passes = f"\n(band ±{(band[1] - band[0]) / 2:.0%})" if number == 0 else ""
        axes.text(_beyond(chart), line.label_y, line.label + passes, color=colour, va="center", fontsize=9)
    if shown.log:
        axes.set_yscale("log")
    axes.set_yticks(shown.ticks, [f"{tick:g}" for tick in shown.ticks])
    axes.minorticks_off()
    right = chart.x.high + NAMES * (chart.x.high - chart.x.low)
    axes.set(xlim=(chart.x.low, right), ylim=(shown.low, shown.high), xticks=chart.x.ticks)
    axes.set_xlabel(chart.x.label, fontsize=10)
    axes.set_ylabel(shown.label, fontsize=10)
    axes.xaxis.set_label_coords(0.5, -0.27 / up)  # given, as the margins are and the title's y
    axes.yaxis.set_label_coords(-0.41 / across, 0.5)
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    return made, axes


def _beyond(chart: Chart) -> float:
    """Where the names of the lines begin."""
    return chart.x.high + 0.02 * (chart.x.high - chart.x.low)


def _closed_form(chart: Chart, dots: Sequence[Point]) -> tuple[Any, Any] | None:
    read = [(point.x, y) for point in dots if (y := chart.trace(point)) is not None]
    law = chart.lines[0].law
    if len(read) < 3 or all(math.isclose(y, law(x), rel_tol=0.05) for x, y in read):
        return None
    x, y = np.array(read).T
    between = np.linspace(x[0], x[-1], 100)
    return between, np.exp(np.interp(chart.straight(between), chart.straight(x), np.log(y)))


def name_curve(axes: Axes, chart: Chart, y: float) -> None:
    axes.text(_beyond(chart), y, chart.trace_label, color=DARK_PURPLE, va="center", fontsize=9)


def say_nothing_measured(axes: Axes, chart: Chart, shown: Axis) -> None:
    x, y = (chart.x.low + chart.x.high) / 2, middle(shown)
    axes.text(x, y, "no measurement", ha="center", fontsize=11, color="#595959")


def middle(axis: Axis) -> float:
    return math.sqrt(axis.low * axis.high) if axis.log else (axis.low + axis.high) / 2


def _free_place(shown: Axis, wanted: float, taken: Sequence[float]) -> float:
    """On this axis, as near to what is wanted as names leave room that stand elsewhere."""
    scale, back = (np.log, np.exp) if shown.log else (np.asarray, float)
    low, high = scale([shown.low, shown.high])
    share, *others = ((scale([wanted, *taken]) - low) / (high - low)).tolist()
    places = [place for place in np.linspace(0.06, 0.96, 91) if all(abs(place - other) > ROOM for other in others)]
    best = min(places or [share], key=lambda place: abs(place - share))
    return float(back(low + best * (high - low)))


def _draw_dots(axes: Axes, measured: Measured) -> None:
    if measured.inside:
        axes.errorbar(
            [point.x for point in measured.inside],
            [point.y for point in measured.inside],
            yerr=[2 * point.standard_error for point in measured.inside],
            fmt="o", color="black", ms=DOT, capsize=CAP, lw=1, zorder=3, clip_on=False,
        )  # fmt: skip
    for each in measured.outside:
        axes.plot(each.x, each.y, "^" if each.up else "v", color="black", mfc="white", ms=TRIANGLE, zorder=3)
        axes.annotate(each.number, (each.x, each.y), BESIDE, textcoords="offset points", fontsize=9)


def rates(rows: Sequence[tuple[str, float, float, float]], band: tuple[float, float], title: str) -> Figure:
    """Pass rates, each as (name, rate, low, high), against a band that they should lie in."""
    require("report")
    from matplotlib.figure import Figure

    made = Figure(figsize=(SIZE[0], 1.3 + 0.32 * len(rows)), facecolor="white", layout="constrained")
    axes = made.subplots()
    axes.axvspan(*band, color=SKY, alpha=0.25, lw=0)
    for line, (_, rate, low, high) in enumerate(rows):
        axes.plot((low, high), (line, line), color="black", lw=1.5)
        axes.plot(rate, line, "o", color="black", ms=5)
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel="pass rate")
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows], parse_math=False)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, loc="left", fontsize=10)
    return made


def verdict_line(grade: Grade, student: str = "") -> str:
    return f"{student or Path(grade.submission).name}: {grade.verdict}"


def title(grade: Grade, student: str = "") -> str:
    """The same as it stands above the figure: in one line, whatever is in a name."""
    return " ".join(xml_text(verdict_line(grade, student)).split())


def description(grade: Grade, student: str = "") -> str:
    """The figure in words, for those who do not see it."""
    chart = load(grade.exercise).chart
    name = chart.x.label.partition(",")[0]
    points = ", ".join(f"{point.y:.3g} at {name} = {point.x:g}" for point in drawn(grade))
    return (
        f"{verdict_line(grade, student)}: {grade.diagnosis}. {chart.text}. Measured: {points or 'nothing'}. "
        f"Theory: {', '.join(line.name for line in chart.lines)}."
    )


def render(figure: Figure, form: str, title: str, text: str, stamp: str = "") -> bytes:
    """``svg`` or ``png`` bytes; the same figure gives the same bytes. ``stamp``: that of the grading it shows."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    # without a salt the ids in an SVG are random
    with rc_context({"svg.hashsalt": "grader", "svg.fonttype": "path", "font.family": ["DejaVu Sans"]}):
        metadata = {"Identifier": stamp} if stamp else {}
        metadata |= {"Title": title, "Description": text}
        if form == "svg":
            figure.savefig(buffer, format="svg", metadata={**metadata, "Date": None})
        else:
            figure.savefig(buffer, format="png", dpi=200, metadata={**metadata, "Software": None})
    return buffer.getvalue()
