"""What the class report keeps of one grading, so that a class of thousands fits into little memory."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grader.report.exports import RULES
from grader.result import Grade, Grading, Status

P = 0.3  # where fingerprints are compared


@dataclass(frozen=True, slots=True)
class Entry:
    """One grading in short. ``fingerprint``: (fraction kept, factor of the kept ones) at p = 0.3; ``variances``:
    (p, Var[y]/Var[x]) as measured; ``outcomes`` in the order of ``RULES``; ``settings``, ``versions``: for the foot."""

    number: int
    student: str
    attempt: int
    submission: str
    counted: bool
    at: str
    status: Status
    passed: bool
    diagnosis: str
    feedback: str
    worst: float
    outcomes: tuple[str, ...]
    fingerprint: tuple[float, float] | None
    variances: tuple[tuple[float, float], ...]
    isolation: str
    tolerance: float
    settings: tuple[str, ...]
    versions: tuple[str, ...]
    stamp: str

    @classmethod
    def of(cls, grading: Grading) -> Entry:
        grade = grading.grade
        outcomes = {finding.rule: finding.outcome.value for finding in grade.findings}
        return cls(
            grading.number,
            grading.student,
            grading.attempt,
            grade.submission,
            grading.counted,
            grading.at,
            grade.status,
            grade.passed,
            sys.intern(grade.diagnosis),
            grade.feedback,
            grade.worst_variance_error,
            tuple(outcomes.get(rule, "") for rule in RULES),
            _fingerprint(grade),
            _variances(grade),
            sys.intern(grade.isolation),
            float(grading.settings.get("tolerance", 0.1)),
            tuple(
                sys.intern(f"{name} {shown(value)}") for name, value in grading.settings.items() if value is not None
            ),
            tuple(sys.intern(f"{name} {version}") for name, version in grading.versions.items()),
            grading.stamp,
        )

    @property
    def kind(self) -> str:
        """The colour's name."""
        return "other" if self.status is not Status.GRADED else "pass" if self.passed else "fail"

    @property
    def verdict(self) -> str:
        if self.status is not Status.GRADED:
            return self.status.value.replace("_", " ")
        return "pass" if self.passed else "not passed"


def by_diagnosis(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The mistakes first, and the most common of them at the top; in each, students in the order of the alphabet."""
    groups: dict[str, list[Entry]] = {}
    for entry in in_order(entries):
        groups.setdefault(entry.diagnosis, []).append(entry)
    return sorted(groups.items(), key=lambda group: (group[1][0].passed, -len(group[1]), group[0]))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.student.casefold(), entry.attempt))


def shown(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)


def _fingerprint(grade: Grade) -> tuple[float, float] | None:
    normal = (m for m in grade.measurements if math.isclose(m.p, P) and m.inputs == "normal")
    return next(((m.kept_fraction, m.scale) for m in normal if math.isfinite(m.scale)), None)


def _variances(grade: Grade) -> tuple[tuple[float, float], ...]:
    measured = [m for m in grade.curve or grade.measurements if m.inputs == "normal"]
    return tuple((m.p, m.variance_ratio) for m in measured if math.isfinite(m.variance_ratio))
