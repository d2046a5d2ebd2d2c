"""Marks for a school's own systems: who gets how many points, and under which of their names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.result import ClassReport, Grading, Status

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID")  # each alone tells who somebody is
MOODLE = ("Full name", "Username", "ID number", "Email address")
FULL_NAMES = (("First name", "Last name"), ("First name", "Surname"))  # columns that are one name together


@dataclass(frozen=True)
class Mark:
    """All of the points for a submission that passed, none for another; ``row`` is the student's of the roster."""

    grading: Grading
    points: float
    row: Mapping[str, str]


@dataclass(frozen=True)
class Marks:
    """``unjudged``: the grader failed on these, so they have no mark; ``unknown``: the roster has no such student;
    ``unclear``: several of its rows fit one of these, or several of these fit one row."""

    marks: tuple[Mark, ...]
    unjudged: tuple[Grading, ...] = ()
    unknown: tuple[Grading, ...] = ()
    unclear: tuple[Grading, ...] = ()


@dataclass(frozen=True)
class Roster:
    """A list of students as their system exports it: a CSV file with a row for each."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Commas, semicolons or tabs; UTF-8 with or without its mark. Raises ``UsageError`` if it is none."""
        try:
            text = path.read_text(encoding="utf-8-sig")
            head = text.partition("\n")[0]
            lines = csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=head.count), restval="", strict=True)
            rows = [{name: value for name, value in row.items() if name} for row in lines]
            rows = [row for row in rows if "Points Possible" not in row.get("Student", "")]  # Canvas's own second row
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"--roster {path} cannot be read as CSV in UTF-8: {error}") from error
        if not rows:
            raise UsageError(f"--roster {path} has no students: give the file that Canvas or Moodle exports")
        return cls(path, tuple(name for name in lines.fieldnames or () if name), tuple(rows))

    def find(self, student: str) -> list[Mapping[str, str]]:
        """The rows that have this name, address or number; where there are none, those that nearly do."""
        found = [row for row in self.rows if _key(student) in map(_key, _names(row))]
        signs = _run_together(student)
        return found or [row for row in self.rows if signs and signs in map(_run_together, _names(row))]


def marks(report: ClassReport, points: float, roster: Roster | None = None) -> Marks:
    """One mark for each student whose work has a verdict."""
    fits = [(grading, roster.find(grading.student) if roster else [{}]) for grading in report.counted]
    fitting = Counter(id(row) for _, rows in fits for row in rows)
    judged = [(grading, rows) for grading, rows in fits if grading.grade.status is not Status.GRADER_ERROR]
    clear = [(grading, rows) for grading, rows in judged if len(rows) == 1 and fitting[id(rows[0])] == 1]
    unclear = [(grading, rows) for grading, rows in judged if rows and (len(rows) > 1 or fitting[id(rows[0])] > 1)]
    return Marks(
        tuple(Mark(g, points if g.grade.passed else 0.0, row) for g, (row,) in clear),
        tuple(g for g in report.counted if g.grade.status is Status.GRADER_ERROR),
        tuple(g for g, rows in judged if not rows),
        tuple(g for g, _ in unclear),
    )


def known_columns(roster: Roster | None, wanted: Sequence[str], needed: Iterable[str]) -> list[str]:
    """Of the wanted columns those that the roster has. Raises ``UsageError`` if one that is needed lacks."""
    if roster is None:
        return []
    for name in needed:
        if name not in roster.columns:
            has = ", ".join(roster.columns[:6])
            raise UsageError(f"--roster {roster.path} has no column {name!r} (it has {has}): export it anew")
    return [name for name in wanted if name in roster.columns]


def _names(row: Mapping[str, str]) -> list[str]:
    together = [f"{row[first]} {last_}" for first, last in FULL_NAMES if (last_ := row.get(last)) and row.get(first)]
    alone = [row.get(name) for name in (*CANVAS, *MOODLE)]
    return [value for value in [*alone, *together] if isinstance(value, str) and value.strip()]


def _key(name: str) -> str:
    return name.strip().casefold()


def _run_together(name: str) -> str:
    """As Canvas names the files it hands out: "Lee, Ann" becomes "leeann"."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())
