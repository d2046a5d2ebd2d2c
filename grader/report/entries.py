"""What the class report keeps of one grading, so that a class of thousands fits into little memory."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from grader.exercises.interface import load
from grader.result import Grade, Grading, Outcome, Point, Status, verdict

PLAIN = str.maketrans("łøđðıħ", "loddih")  # letters that are no other with a mark
EXAMPLE = 310  # characters of a feedback: somewhat more than the class page shows of one
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One grading in short. ``feedback``: its beginning; ``place``: on the exercise's map; ``points``: (x, y) of its
    chart as measured, y to two digits; ``outcomes`` in the order of the exercise's rules; ``cheated``: the check did
    not come back as it went out; ``band``: what passes around the contract's line; ``settings``, ``versions``: for the
    foot. What many have in common is one object."""

    number: int
    student: str
    attempt: int
    late: bool
    submission: str
    counted: bool
    at: str
    status: Status
    passed: bool
    diagnosis: str
    feedback: str
    worst: float
    outcomes: tuple[str, ...]
    cheated: bool
    place: tuple[float, float] | None
    points: tuple[tuple[float, float], ...]
    isolation: str
    band: tuple[float, float]
    settings: tuple[str, ...]
    versions: tuple[str, ...]
    stamp: str
    exercise: str

    @classmethod
    def of(cls, grading: Grading) -> Entry:
        grade = grading.grade
        exercise = load(grade.exercise)
        chart = exercise.chart
        outcomes = {finding.rule: finding.outcome.value for finding in grade.findings}
        return cls(
            grading.number,
            grading.student,
            grading.attempt,
            grading.late,
            grade.submission,
            grading.counted,
            grading.at,
            grade.status,
            grade.passed,
            sys.intern(grade.diagnosis),
            _shared(grade.feedback[:EXAMPLE]),
            grade.worst_error,
            _shared(tuple(outcomes.get(rule, "") for rule in exercise.rules)),
            outcomes.get(exercise.honesty[0]) == Outcome.FAILED,
            chart.map.find((*grade.points, *grade.curve)),
            _shared(tuple(_shared((point.x, float(f"{point.y:.2g}"))) for point in drawn(grade))),
            sys.intern(grade.isolation),
            _shared(chart.band(grading.settings)),
            _shared(tuple(f"{name} {shown(value)}" for name, value in grading.settings.items() if value is not None)),
            _shared(tuple(f"{name} {version}" for name, version in grading.versions.items())),
            grading.stamp,
            grade.exercise,
        )

    @property
    def kind(self) -> str:
        """The colour's name."""
        if self.cheated:
            return "cheat"
        return "other" if self.status is not Status.GRADED else "pass" if self.passed else "fail"

    @property
    def link(self) -> str:
        """To its page, from the class page."""
        return f"submissions/{quote(self.submission)}.html"

    @property
    def verdict(self) -> str:
        return verdict(self.status, self.passed)


@lru_cache(4096)
def _shared(value: T) -> T:
    """The same object for what is equal, of which there is much in a class."""
    return value


def by_diagnosis(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The mistakes first, and the most common of them at the top; in each, students in the order of the alphabet."""
    groups: dict[str, list[Entry]] = {}
    for entry in in_order(entries):
        groups.setdefault(entry.diagnosis, []).append(entry)
    return sorted(groups.items(), key=lambda group: (group[1][0].passed, -len(group[1]), group[0]))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (alphabetical(entry.student), entry.attempt))


def alphabetical(name: str) -> tuple[Any, ...]:
    """Names as people sort them: é beside e, case aside, and 10 behind 9."""
    letters = unicodedata.normalize("NFKD", name).casefold().translate(PLAIN)
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    parts = re.split(r"(\d+)", plain)
    return [(int(part) if n % 2 else 0, part) for n, part in enumerate(parts)], name


def percent(error: float) -> str:
    return f"{error:+.1%}".replace("-0.0%", "+0.0%") if math.isfinite(error) else "–"


def shown(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)


def drawn(grade: Grade) -> list[Point]:
    """What the exercise's chart shows of a Grade."""
    series = load(grade.exercise).chart.series
    points = grade.curve or grade.points
    return [point for point in points if point.series == series and math.isfinite(point.y)]


class Judged(Protocol):
    """What the count line reads of a Grade, or of a record of one."""

    @property
    def status(self) -> Status: ...
    @property
    def passed(self) -> bool: ...
    @property
    def diagnosis(self) -> str: ...


def count_line(grades: Iterable[Judged]) -> str:
    """How many are correct, and how many made which mistake; a failure of the grader is nobody's mistake."""
    total = correct = 0
    mistakes: Counter[str] = Counter()
    for grade in grades:  # once, and none is kept: there may be thousands
        total += 1
        correct += grade.passed
        if not grade.passed and grade.status is not Status.GRADER_ERROR:
            mistakes[grade.diagnosis] += 1
    parts = [f"{correct} of {total} correct"]
    parts += [f"{count} {name}" for name, count in sorted(mistakes.items(), key=lambda entry: (-entry[1], entry[0]))]
    if unjudged := total - correct - mistakes.total():
        parts.append(f"{unjudged} grader error (not counted)")
    return " · ".join(parts)
