"""What grading gives back: frozen values, to and from JSON."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Protocol


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
    """One rule of the contract (R1–R10) and what the measurements say about it."""

    rule: str
    title: str
    outcome: Outcome
    measured: str = ""
    expected: str = ""
    tolerance: str = ""


@dataclass(frozen=True)
class Measurement:
    """What the layer did to ``n`` numbers at one rate, in training.

    ``p`` is the probability of dropping, ``scale`` the ratio y/x of the kept elements (NaN if they have no
    common one), ``power_ratio`` is Σy²/Σx², ``variance_ratio`` is Var[y]/Var[x] as measured, ``judged_ratio`` the same
    from the exact scale where there is one (R8's number), ``expected`` the contract's value of both and
    ``standard_error`` that of the power ratio given x.
    """

    p: float
    inputs: str
    n: int
    kept_fraction: float
    scale: float
    power_ratio: float
    variance_ratio: float
    judged_ratio: float
    expected: float
    standard_error: float

    @property
    def variance_error(self) -> float:
        """R8: relative deviation of the variance from what the contract promises."""
        return self.judged_ratio / self.expected - 1.0

    @property
    def measured_error(self) -> float:
        """The same from the sample alone, with its sampling error."""
        return self.variance_ratio / self.expected - 1.0


@dataclass(frozen=True)
class Grade:
    """A verdict with its reasons. ``execution`` is evidence for a person and never changes the verdict.

    ``duration_s`` is the whole grading's, and ``execution_s`` the part of it that ran the notebook; ``peak_mib``:
    resident memory of the process that ran the answer, at its highest; None where it is not known.
    """

    submission: str
    status: Status
    diagnosis: str
    feedback: str
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    curve: tuple[Measurement, ...] = ()
    execution: str = "not_run"
    output: str = ""
    explanation: str = ""
    source: str = ""
    seed: int | None = None
    isolation: str = "none"
    duration_s: float = 0.0
    execution_s: float = 0.0
    peak_mib: float | None = None

    @property
    def passed(self) -> bool:
        """True only for a graded submission of which every judged rule holds."""
        return (
            self.status is Status.GRADED
            and bool(self.findings)
            and all(finding.outcome is not Outcome.FAILED for finding in self.findings)
        )

    @property
    def reward(self) -> float | None:
        """1.0 for a pass, 0.0 for anything else, None where the grader itself failed."""
        return None if self.status is Status.GRADER_ERROR else float(self.passed)

    def row(self) -> dict[str, Any]:
        """Flat values for a table: the outcome of each rule under its name, no source, no measurements."""
        return {
            "submission": self.submission,
            "status": self.status.value,
            "passed": self.passed,
            "reward": self.reward,
            "diagnosis": self.diagnosis,
            "worst_variance_error": self.worst_variance_error,
            **{f"R{number}": None for number in range(1, 11)},
            **{finding.rule: finding.outcome.value for finding in self.findings},
            **{name: getattr(self, name) for name in ("execution", "seed", "isolation")},
            **{name: getattr(self, name) for name in ("duration_s", "execution_s", "peak_mib")},
            "feedback": self.feedback,
        }

    @property
    def worst_variance_error(self) -> float:
        """The variance error that is largest in size, over the published rates and inputs; NaN if none."""
        errors = [m.variance_error for m in self.measurements if math.isfinite(m.judged_ratio)]
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
        rows: list[dict[str, Any]]
        for name in ("measurements", "curve"):
            rows = known[name]
            known[name] = tuple(
                Measurement(**{key: math.nan if value is None else value for key, value in row.items()})  # type: ignore[arg-type]
                for row in rows
            )
        return cls(**known)

    def _repr_html_(self) -> str:
        from grader.report.page import grade_html

        return grade_html(self)


@dataclass(frozen=True)
class Grading:
    """One grading as the gradebook keeps it: a Grade, whose it is, and under what it came about.

    ``counted``: the last attempt that was found of this student, and the last grading of it. ``content`` is the
    SHA-256 of what was handed in and ``path`` where it was, ``at`` the time in UTC (ISO 8601), ``settings`` and
    ``versions`` are those in force.
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

    @property
    def stamp(self) -> str:
        """Tells this grading from every other, also from those of a gradebook that was deleted; nothing in it is
        secret. What is made of a grading bears it: no clock has to say whether it is the newest."""
        return hashlib.sha256(f"{self.number} {self.at} {self.content}".encode("utf-8", "replace")).hexdigest()

    def row(self) -> dict[str, Any]:
        """Flat values for a table: whose it is, then the Grade's own."""
        own = {name: getattr(self, name) for name in ("student", "attempt", "counted")}
        return own | self.grade.row() | {"content": self.content, "at": self.at}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: everything."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "grade"}
        return own | self.grade.to_dict()


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
        return [grading.row() for grading in self.gradings]

    @property
    def count_line(self) -> str:
        """ "8 of 12 correct · 2 inverted dropout · 1 grader error (not counted)": never a mean alone."""
        return count_line([grading.grade for grading in self.counted])

    def _repr_html_(self) -> str:
        from grader.report.pages import class_fragment

        return class_fragment(self)


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


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
