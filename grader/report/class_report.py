"""A class, as Python users have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.report.entries import count_line
from grader.report.exports import flat_row
from grader.report.pages import class_fragment
from grader.result import Grading


@dataclass(frozen=True)
class ClassReport:
    """Every grading of a class, in the order in which they were made."""

    gradings: tuple[Grading, ...]

    @property
    def counted(self) -> tuple[Grading, ...]:
        """One grading for each student."""
        return tuple(grading for grading in self.gradings if grading.counted)

    def rows(self) -> list[dict[str, Any]]:
        """One flat row a grading: ``pandas.DataFrame(report.rows())`` is a frame."""
        return [flat_row(grading) for grading in self.gradings]

    @property
    def count_line(self) -> str:
        """ "8 of 12 correct · 2 no scale · 1 grader error (not counted)": never a mean alone."""
        return count_line([grading.grade for grading in self.counted])

    def _repr_html_(self) -> str:
        return class_fragment(self.counted)
