"""What grading gives back: frozen values, to and from JSON."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How far a submission came. Only GRADED can pass; only GRADER_ERROR has no reward."""

    GRADED = "graded"
    NOT_ATTEMPTED = "not_attempted"
    NO_CELL = "no_cell"
    BAD_NOTEBOOK = "bad_notebook"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    GRADER_ERROR = "grader_error"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True)
class Finding:
    """One rule of the contract and what the measurements say about it."""

    rule: str
    title: str
    outcome: Outcome
    measured: str = ""
    expected: str = ""
    tolerance: str = ""


@dataclass(frozen=True)
class Point:
    """What was measured at one place of the exercise's chart.

    ``x`` is the place on its axis and ``series`` what else tells it from the others there; ``y`` is the value measured
    on ``n`` numbers, ``judged`` the same as the rule judges it (free of sampling error where it can be read off
    exactly), ``expected`` the contract's value of both, ``standard_error`` that of ``y``. ``facts`` holds what else the
    exercise measured there, by name.
    """

    x: float
    series: str
    n: int
    y: float
    judged: float
    expected: float
    standard_error: float
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def error(self) -> float:
        """Relative deviation from what the contract promises, as it is judged."""
        return self.judged / self.expected - 1.0

    @property
    def measured_error(self) -> float:
        """The same from the sample alone, with its sampling error."""
        return self.y / self.expected - 1.0


def verdict(status: Status, passed: bool) -> str:
    if status is Status.GRADED:
        return "pass" if passed else "fail"
    return status.value.replace("_", " ")


@dataclass(frozen=True)
class Grade:
    """A verdict with its reasons. ``execution`` is evidence for a person and never changes the verdict.

    ``duration_s`` is the whole grading's, and ``execution_s`` the part of it that ran the notebook; ``peak_mib``:
    resident memory of the process that ran the answer, at its highest; None where it is not known. ``line``: of
    ``source``, the one whose exception ``feedback`` tells of; 0 if it tells of none. ``points`` are what the verdict
    rests on as far as it is public, ``curve`` is measured for the figure. ``asked``: how far the questions went; a rule
    that they did not reach is ``not_judged``.
    """

    submission: str
    status: Status
    diagnosis: str
    feedback: str
    findings: tuple[Finding, ...] = ()
    points: tuple[Point, ...] = ()
    curve: tuple[Point, ...] = ()
    execution: str = "not_run"
    output: str = ""
    explanation: str = ""
    source: str = ""
    seed: int | None = None
    isolation: str = "none"
    duration_s: float = 0.0
    execution_s: float = 0.0
    peak_mib: float | None = None
    exercise: str = "dropout"
    line: int = 0
    asked: str = ""

    @property
    def passed(self) -> bool:
        """True only for a graded submission of which every judged rule holds."""
        return (
            self.status is Status.GRADED
            and bool(self.findings)
            and all(finding.outcome is not Outcome.FAILED for finding in self.findings)
        )

    @property
    def verdict(self) -> str:
        """In the word that notebook, terminal and pages have for it: "pass", "fail", or what its status is called."""
        return verdict(self.status, self.passed)

    @property
    def reward(self) -> float | None:
        """1.0 for a pass, 0.0 for anything else, None where the grader itself failed."""
        return None if self.status is Status.GRADER_ERROR else float(self.passed)

    def row(self, rules: Iterable[str] = ()) -> dict[str, Any]:
        """Flat values for a table: the outcome of each rule under its name, no source, no points. ``rules``: those that
        have a place in it, judged or not."""
        return {
            "submission": self.submission,
            "status": self.status.value,
            "passed": self.passed,
            "reward": self.reward,
            "diagnosis": self.diagnosis,
            "worst_error": self.worst_error,
            **dict.fromkeys(rules),
            **{finding.rule: finding.outcome.value for finding in self.findings},
            **{name: getattr(self, name) for name in ("execution", "seed", "isolation")},
            **{name: getattr(self, name) for name in ("duration_s", "execution_s", "peak_mib")},
            "feedback": self.feedback,
        }

    @property
    def worst_error(self) -> float:
        """The error that is largest in size, over all points; NaN if there is none."""
        errors = [point.error for point in self.points if math.isfinite(point.judged)]
        return max(errors, key=abs, default=math.nan)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: NaN and infinities, which JSON lacks, become None."""
        plain = {**asdict(self), "passed": self.passed, "reward": self.reward}
        cleaned: dict[str, Any] = _without_nan(plain)
        return cleaned

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Grade:
        """The inverse of ``to_dict``."""
        known = {own.name: plain[own.name] for own in fields(cls) if own.name in plain}
        known["status"] = Status(known["status"])
        known["findings"] = tuple(
            Finding(**{**finding, "outcome": Outcome(finding["outcome"])}) for finding in known["findings"]
        )
        for name in ("points", "curve"):
            known[name] = tuple(_point(row) for row in known[name])
        return cls(**known)


@dataclass(frozen=True)
class Grading:
    """One grading as the gradebook keeps it: a Grade, whose it is, and under what it came about.

    ``counted``: the last attempt that was found of this student, and the last grading of it. ``content`` is the
    SHA-256 of what was handed in and ``path`` where it was, ``at`` the time in UTC (ISO 8601), ``settings`` and
    ``versions`` are those in force. ``student_id`` is the number that the platform or the school has for the student,
    and ``late`` what the platform says of the submission.
    """

    number: int
    student: str
    attempt: int
    grade: Grade
    content: str = ""
    path: str = ""
    at: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    counted: bool = True
    student_id: str = ""
    late: bool = False

    @property
    def stamp(self) -> str:
        """Tells this grading from every other, also from those of a gradebook that was deleted; nothing in it is
        secret. What is made of a grading bears it: no clock has to say whether it is the newest."""
        return hashlib.sha256(f"{self.number} {self.at} {self.content}".encode("utf-8", "replace")).hexdigest()

    @property
    def school_id(self) -> str:
        """The student's number, unless it is one that only a platform knows ("Canvas 1234")."""
        return "" if self.student_id.startswith(("Canvas ", "Participant ", "submission ")) else self.student_id

    def row(self, rules: Iterable[str] = ()) -> dict[str, Any]:
        """Flat values for a table: whose it is, then the Grade's own."""
        own = {name: getattr(self, name) for name in ("student", "student_id", "attempt", "late", "counted")}
        return own | self.grade.row(rules) | {"content": self.content, "at": self.at}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: everything."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "grade"}
        return own | self.grade.to_dict()


def _point(row: dict[str, Any]) -> Point:
    values: dict[str, Any] = {name: math.nan if value is None else value for name, value in row.items()}
    values["facts"] = {name: math.nan if value is None else value for name, value in row["facts"].items()}
    return Point(**values)


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
