"""The variance figure: theory as lines, measurements as dots with ±2 standard errors, the tolerance as a band.

matplotlib's object interface only: no global figure state, no window. SVG is byte-stable for one version of matplotlib
(fixed hash salt, no date). Colours are those of Okabe & Ito (2008), each with a line style of its own.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grader.result import Grade, Measurement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, SKY, PURPLE = "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#CC79A7"
NARROW, WIDE = (0.08, 12.5), (0.008, 125.0)  # of the logarithmic axis; beyond it, a triangle at its edge
MARGINS = {"left": 0.093, "right": 0.985, "bottom": 0.115, "top": 0.875}  # given: to find them doubles the time
SIZE = (6.8, 4.2)  # inches; texts of 9 pt and more are then readable at 680 px


def variance_figure(grade: Grade, tolerance: float = 0.1) -> Figure:
    """Empirical and theoretical variance over p for one submission."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, facecolor="white")
    axes = figure.subplots(gridspec_kw=MARGINS)
    p = np.linspace(0.0, 0.9, 181)
    axes.fill_between((0, 0.9), 1 - tolerance, 1 + tolerance, color=SKY, alpha=0.25, lw=0)
    axes.plot(p, 1 / (1 - p), color=VERMILLION, ls="--", lw=1.5)
    axes.plot(p, 1 - p, color=GREEN, ls="-.", lw=1.5)
    axes.plot(p, np.ones_like(p), color=BLUE, lw=1.5)
    for y, text, colour in (
        (10.0, "inverted\ndropout", VERMILLION),
        (1.0, f"the contract\n(band ±{tolerance:.0%})", BLUE),
        (0.1, "no scale", GREEN),
    ):
        axes.text(0.92, y, text, color=colour, va="center", fontsize=9)
    dots = [m for m in grade.curve or grade.measurements if m.inputs == "normal" and math.isfinite(m.variance_ratio)]
    limits = NARROW if all(NARROW[0] <= m.variance_ratio <= NARROW[1] for m in dots) else WIDE
    _draw_closed_form(axes, dots)
    _draw_dots(axes, dots, *limits)
    if not dots:
        axes.text(0.45, 3.0, "no measurement", ha="center", fontsize=11, color="#595959")
    axes.set_yscale("log")
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10) if limits is NARROW else (0.01, 0.1, 1, 10, 100)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlim=(0, 1.17), ylim=limits, xticks=(0, 0.2, 0.4, 0.6, 0.8))
    axes.set_xlabel("p, probability of dropping", fontsize=10)
    axes.set_ylabel("Var[y] / Var[x] in training", fontsize=10)
    axes.xaxis.set_label_coords(0.5, -0.085)  # given, as the margins are and the title's y
    axes.yaxis.set_label_coords(-0.068, 0.5)
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(verdict_line(grade), x=0.01, ha="left", fontsize=12, parse_math=False)  # $ may be in a name
    axes.set_title(grade.diagnosis, loc="left", y=1.0, fontsize=10, color="#404040")
    return figure


def _draw_closed_form(axes: Axes, dots: Sequence[Measurement]) -> None:
    """The submission's own s²·f through its rates, where s could be read off exactly."""
    own = [(m.p, m.scale * m.scale * m.kept_fraction) for m in dots if math.isfinite(m.scale) and m.kept_fraction > 0]
    exact = [(p, y) for p, y in own if not math.isclose(y, 1.0, rel_tol=0.05)]
    if len(own) > 2 and exact:
        p, y = np.array(own).T
        between = np.linspace(p[0], p[-1], 100)
        # powers of 1-p, as most closed forms are, are straight lines in these coordinates
        curve = np.exp(np.interp(-np.log(1 - between), -np.log(1 - p), np.log(y)))
        axes.plot(between, curve, color=PURPLE, lw=5, alpha=0.35, solid_capstyle="round", zorder=1.5)
        axes.text(0.92, 3.2, "this submission\n(s²·f, as read off)", color="#8F3F6B", va="center", fontsize=9)


def _draw_dots(axes: Axes, dots: Sequence[Measurement], low: float, high: float) -> None:
    inside = [m for m in dots if low <= m.variance_ratio <= high]
    if inside:
        axes.errorbar(
            [m.p for m in inside],
            [m.variance_ratio for m in inside],
            yerr=[2 * m.standard_error for m in inside],
            fmt="o", color="black", ms=4.5, capsize=2.5, lw=1, zorder=3,
        )  # fmt: skip
    for m in dots:
        if not low <= m.variance_ratio <= high:
            above = m.variance_ratio > high
            at = high / 1.15 if above else low * 1.15
            axes.plot(m.p, at, "^" if above else "v", color="black", mfc="white", ms=7, zorder=3)
            axes.text(m.p + 0.015, at, f"{m.variance_ratio:.3g}", va="center", fontsize=9)


def verdict_line(grade: Grade) -> str:
    return f"{Path(grade.submission).name}: {'PASS' if grade.passed else 'not passed'}"


def description(grade: Grade) -> str:
    """The figure in words, for those who do not see it."""
    dots = grade.curve or grade.measurements
    points = ", ".join(f"{m.variance_ratio:.3g} at p = {m.p:g}" for m in dots if m.inputs == "normal")
    return (
        f"{verdict_line(grade)}: {grade.diagnosis}. Variance of the output relative to the input in training, against "
        f"the probability of dropping p. Measured: {points or 'nothing'}. Theory: the contract 1 at every p, inverted "
        "dropout 1/(1-p), no scale 1-p."
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
