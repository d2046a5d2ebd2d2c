"""Marks for a school's own systems: who gets how many points, and under which of their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from grader.errors import UsageError
from grader.exercises.interface import load
from grader.report.class_report import ClassReport
from grader.report.roster import Roster, Row
from grader.result import Grade, Grading, Outcome, Status

TEST_STUDENT = "Student, Test"  # Canvas has one in every course


@dataclass(frozen=True)
class Mark:
    """What a submission earns; ``row`` is the student's of the roster."""

    grading: Grading
    points: float
    row: Mapping[str, str]


@dataclass(frozen=True)
class Marks:
    """``unjudged``: the grader failed on these, so they have no mark; ``unknown``: the roster has no such student;
    ``unclear``: several of its rows fit one of these, or several of these fit one row; ``absent``: whom the roster
    names and who has handed nothing in. After an export, ``where`` it is, what in it is in ``doubt``, and who was
    ``skipped``, as the other system could not take it."""

    marks: tuple[Mark, ...]
    unjudged: tuple[Grading, ...] = ()
    unknown: tuple[Grading, ...] = ()
    unclear: tuple[Grading, ...] = ()
    absent: tuple[str, ...] = ()
    where: Path | None = None
    doubt: str = ""
    skipped: tuple[Grading, ...] = ()


@dataclass(frozen=True)
class Points:
    """All for a pass and nothing else; with ``rules``, what each of them is worth to those who did not pass."""

    full: float = 1.0
    rules: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Points:
        """``10``, or ``R7=6,R8=2``. Raises ``UsageError``."""
        named: dict[str, float] = {}
        try:
            if "=" not in text:
                return cls(_positive(text))
            for part in text.split(","):
                rule, _, value = part.partition("=")
                named[rule.strip()] = _positive(value)
        except ValueError as error:
            message = "a positive number, such as 10, or one for each rule, such as R7=6,R8=2"
            raise UsageError(f"--points: {message}; got {text}") from error
        return cls(sum(named.values()), named)

    def earned(self, grade: Grade) -> float:
        """Partial credit is for an answer: none for what is as it went out, or came with another check."""
        if grade.passed:
            return self.full
        held = {finding.rule for finding in grade.findings if finding.outcome is Outcome.PASSED}
        broken = {finding.rule for finding in grade.findings if finding.outcome is Outcome.FAILED}
        if grade.status is not Status.GRADED or not self.rules or load(grade.exercise).honesty[0] in broken:
            return 0.0
        return sum(points for rule, points in self.rules.items() if rule in held)


def _positive(text: str) -> float:
    if not 0 < (value := float(text)) < float("inf"):
        raise ValueError(text)
    return value


def marks(report: ClassReport, points: Points | float, roster: Roster | None = None) -> Marks:
    """One mark for each student whose work has a verdict. Who is known by a number is this one, whoever else might be
    by name."""
    worth = points if isinstance(points, Points) else Points(points)
    counted = report.counted
    fits = [(g, roster.find(g.student, g.student_id) if roster else [{}]) for g in counted]
    numbered = {g.student for g, rows in fits if len(rows) == 1 and roster and roster.numbered(g.student, g.student_id)}
    anybody = Counter(id(row) for _, rows in fits for row in rows)
    known = Counter(id(row) for g, rows in fits if g.student in numbered for row in rows)
    judged = [(g, rows) for g, rows in fits if g.grade.status is not Status.GRADER_ERROR]
    alone = [(g, rows[0], known if g.student in numbered else anybody) for g, rows in judged if len(rows) == 1]
    clear = {g.student: Mark(g, worth.earned(g.grade), row) for g, row, among in alone if among[id(row)] == 1}
    return Marks(
        tuple(clear.values()),
        tuple(g for g in counted if g.grade.status is Status.GRADER_ERROR),
        tuple(g for g, rows in judged if not rows),
        tuple(g for g, rows in judged if rows and g.student not in clear),
        _without(roster, (row for _, rows in fits for row in rows)) if roster else (),
    )


def absent(gradings: Iterable[Grading], roster: Roster, ungraded: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Whom the roster names and who has handed nothing in. ``ungraded``: names and numbers of those whose work is there
    and has no grading yet."""
    there = chain(((g.student, g.student_id) for g in gradings if g.counted), ungraded)
    return _without(roster, (row for who in there for row in roster.find(*who)))


def strangers(gradings: Iterable[Grading], roster: Roster) -> tuple[str, ...]:
    """Who has handed something in and is not named by the roster."""
    return tuple(g.student for g in gradings if g.counted and not roster.find(g.student, g.student_id))


def _without(roster: Roster, rows: Iterable[Row]) -> tuple[str, ...]:
    there = {id(row) for row in rows}
    return tuple(name for row in roster.rows if id(row) not in there and (name := roster.called(row)) != TEST_STUDENT)
