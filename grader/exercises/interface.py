"""What an exercise owes. All that the rest of the package knows of one, it knows through here.

An exercise is a module with an ``EXERCISE`` in it: ``grader.exercises.NAME``, or any other module under its whole name.
It judges and touches nothing: its ``plan`` has questions for the sandbox and turns the replies into findings.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from grader.errors import UsageError
from grader.result import Finding, Point


@dataclass(frozen=True)
class Handout:
    """What goes out to learners and models, and under which names it comes back."""

    class_name: str
    notebook: Path  # the task, with cells tagged ``implementation`` and ``check``
    script: str  # the same task as a file, such as "dropout.py"
    script_check: str  # and its check
    prompt: Path  # the task in words
    released: frozenset[str] = (
        frozenset()
    )  # fingerprints of the checks of earlier versions (see ``submissions.source``)


@dataclass(frozen=True)
class Example:
    """An answer of ours to show the grader on: its source, the law that its measurements follow, its verdict."""

    name: str
    source: str
    law: Callable[[float], float]
    passes: bool


@dataclass(frozen=True)
class Code:
    """An answer's syntax tree (empty where there is none of reasonable size); ``untouched``: it is as it went out."""

    tree: ast.Module
    untouched: bool = False


@dataclass(frozen=True)
class Judgement:
    """What the replies show: a finding for each rule that the exercise judges, the mistake by its name, the sentence
    that the learner reads, the line of the answer that raised, if the sentence tells of that (0: none), what may be
    drawn, and how far the questions went."""

    findings: tuple[Finding, ...]
    diagnosis: str
    sentence: str
    line: int = 0
    points: tuple[Point, ...] = ()
    asked: str = ""


class Stage(Protocol):
    """Questions for ``sandbox.inside.worker``: operations, and the arrays that they and later ones refer to;
    ``layer_seed`` is of the randomness that the answer draws from, and counts in a first stage."""

    @property
    def operations(self) -> Sequence[Sequence[Any]]: ...
    @property
    def arrays(self) -> Sequence[Any]: ...
    @property
    def layer_seed(self) -> int: ...


class Plan(Protocol):
    """One grading's questions, stage by stage, and what the replies show. The first stage is public: it may be known to
    the answer's author, and what the answer prints meanwhile is heard; ``first_call`` is its operation that calls the
    answer for the first time. Nothing that is told may hang on what was drawn for this grading, but the verdict and the
    rules that are broken."""

    @property
    def start(self) -> Stage: ...
    @property
    def first_call(self) -> int: ...

    def further(self, replies: Sequence[Any]) -> Stage | None:
        """All replies so far → what to ask next, or None where that is enough."""

    def judge(self, code: Code) -> Judgement: ...


# --- what is drawn ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Axis:
    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False


@dataclass(frozen=True)
class Line:
    """A curve of theory; the first of a chart is the contract's. ``label`` stands at its end, at ``label_y``."""

    name: str
    label: str
    law: Callable[[Any], Any]  # of an array of places
    label_y: float


@dataclass(frozen=True)
class Place:
    """Where a known mistake lies on the map; its name stands right of it, above or below."""

    name: str
    x: float
    y: float
    side: str = "right"


@dataclass(frozen=True)
class Map:
    """Each answer as a dot among known mistakes. The first place is that of a right answer."""

    title: str
    caption: str
    x: Axis
    y: Axis
    places: tuple[Place, ...]
    find: Callable[[Sequence[Point]], tuple[float, float] | None]  # where an answer lies, if anywhere


@dataclass(frozen=True)
class Chart:
    """Measured against theory.

    ``quantity``: what is measured, in short, and ``error`` what its deviation is called; ``wide``: the axis for points
    that lie beyond ``y``; ``band``: what passes around the contract's line, under these settings; ``trace``: an
    answer's own closed form at one point, where it has one, and ``straight`` the coordinate over which closed forms are
    straight lines.
    """

    title: str
    quantity: str
    error: str
    text: str  # for those who do not see it
    x: Axis
    y: Axis
    wide: Axis
    lines: tuple[Line, ...]
    band: Callable[[Mapping[str, Any]], tuple[float, float]]
    series: str
    trace: Callable[[Point], float | None]
    trace_label: str
    straight: Callable[[Any], Any]
    map: Map


class Exercise(Protocol):
    """One exercise. ``Options`` is a frozen dataclass whose fields are options of the command line: each has a default,
    and ``help``, ``metavar`` and ``parse`` in its metadata, and ``told`` if the hand-out says it; it raises
    ``ValueError`` for what cannot be meant."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def handout(self) -> Handout: ...
    @property
    def rules(self) -> Mapping[str, str]: ...  # number → title, as learners read them
    @property
    def hints(self) -> Mapping[str, str]: ...  # diagnosis → what a teacher may do next, for the class report
    @property
    def lesson_hints(self) -> Mapping[str, str]: ...  # diagnosis → where the lesson has a hint, for the student's page
    @property
    def honesty(self) -> tuple[str, str]: ...  # the rule on what comes back untouched, and its line in the contract
    @property
    def Options(self) -> type[Any]: ...
    @property
    def chart(self) -> Chart: ...
    @property
    def places(self) -> tuple[float, ...]: ...  # where the figure's points are measured

    @property
    def examples(self) -> tuple[Example, ...]: ...

    def published(self, options: Any) -> tuple[float, ...]:
        """The places at which what was measured is shown."""

    def wording(self, options: Any) -> Mapping[str, str]:
        """What the hand-out says with the usual options → what it says with these. Each stands there once."""

    def plan(self, seed: int, options: Any, enough: bool) -> Plan:
        """The questions behind a verdict; the same seed gives the same ones. ``enough``: stop where it is sure."""

    def survey(self, seed: int, places: Sequence[float], n: int) -> Stage:
        """``n`` fresh numbers at each place, for figures and tables; judges nothing."""

    def survey_points(self, stage: Any, replies: Sequence[Any]) -> tuple[Point, ...]:
        """What they show; empty where the answer gave no usable numbers."""


def load(name: str) -> Exercise:
    """The exercise of this name. Raises ``UsageError`` if there is none."""
    module = name if "." in name else f"grader.exercises.{name}"
    try:
        exercise: Exercise = import_module(module).EXERCISE
    except (ImportError, AttributeError) as error:
        raise UsageError(f"there is no exercise {name!r}: {error}") from error
    return exercise


def options(exercise: Exercise, given: Mapping[str, Any]) -> Any:
    """The exercise's own options, with these in place of the usual ones. Raises ``UsageError`` for one that it does not
    have, and for a value that cannot be meant."""
    known = {field.name for field in fields(exercise.Options)}
    if unknown := sorted(set(given) - known):
        raise UsageError(f"{exercise.name} has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    try:
        return exercise.Options(**given)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
