"""One run of the benchmark, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.bench.row import Row
from grader.bench.timing import machine

HEAD = """# How fast

Made by `python -m grader bench` in one run; every number is compared with another of the same run, the two measured
in turns or side by side, because machines differ and are shared. Times are medians with quartiles in brackets.
*Overhead* is wall time minus that of the same cells in a fork of a warm process without any walls, the two in the same
round. *Bare nbclient* is nbclient with a fresh kernel for each notebook and nothing around it. Memory is the first
process's resident memory at its highest.
"""
LIMITS = "## What stands in the way"
PROFILE = "## Where the time goes"
LESSON = """## The lesson's cells

CPU seconds of each code cell; the first one imports numpy and matplotlib. Guesses are filled in, but for the unsolved
notebook, where cells that wait for a guess only say so.
"""


def as_markdown(rows: Iterable[Row], more: Sequence[str] = ()) -> str:
    rows = list(rows)
    parts = [HEAD, "\n".join(f"- {line}" for line in machine()) + "\n", table(rows), *limits(rows), *more]
    return "\n".join(parts)


def table(rows: Iterable[Row]) -> str:
    lines = ["| work | ours | compared with | ratio | wanted | |", "|---|---|---|---|---|---|"]
    for row in rows:
        judged = "|" if row.wanted == "–" else "met |" if row.met else "**missed** |"
        lines.append(f"| {row.work} | {row.ours} | {row.compared} | {row.value} | {row.wanted} | {judged}")
    return "\n".join(lines) + "\n"


def limits(rows: Iterable[Row]) -> list[str]:
    """Of the rows that were missed."""
    told = [f"- **{row.work}**: {row.limit or 'see the stages below.'}" for row in rows if not row.met]
    return [f"{LIMITS}\n", "\n".join(told) + "\n"] if told else []


def stages(title: str, seconds: dict[str, float]) -> str:
    lines = [f"| {title} | ms |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {1000 * each:.1f} |" for name, each in seconds.items())]) + "\n"
