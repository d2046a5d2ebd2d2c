"""One line of the table, and how much is measured for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How often, and how much: the defaults are those of BENCHMARKS.md."""

    verdicts: int = 300
    notebooks: int = 9
    commands: int = 3
    few: int = 20
    some: int = 100
    large: int = 300
    many: int = 2000
    most: int = 10_000  # which takes half an hour, and is measured when it is asked for
    answers: int = 300
    few_answers: int = 1000
    many_answers: int = 1_000_000


@dataclass(frozen=True)
class Row:
    """``value``: the ratio, or the number that is ``wanted``; ``limit``: if it is missed, what stands in the way."""

    work: str
    ours: str
    compared: str
    value: str
    wanted: str
    met: bool
    limit: str = ""


def at_most(work: str, ours: object, compared: str, ratio: float, most: float, limit: str = "") -> Row:
    return Row(work, str(ours), compared, f"{ratio:.2f} ×", f"≤ {most:g} ×", ratio <= most, limit)


def at_least(work: str, ours: object, compared: str, ratio: float, least: float, limit: str = "") -> Row:
    return Row(work, str(ours), compared, f"{ratio:.2f} ×", f"≥ {least:g} ×", ratio >= least, limit)
