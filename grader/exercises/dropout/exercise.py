"""Variance-stabilized dropout, as the rest of the package has it (``interface.Exercise``).

Light to import: numpy comes with the first plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grader.exercises.dropout import known
from grader.exercises.dropout.chart import CHART
from grader.exercises.dropout.mistakes import BY_NAME, LESSON_HINTS
from grader.exercises.dropout.options import Options as DropoutOptions
from grader.exercises.dropout.rules import CONTRACT, TITLES
from grader.exercises.interface import Example, Handout
from grader.files import packaged
from grader.result import Point

if TYPE_CHECKING:
    from grader.exercises.dropout.checks import Verdict
    from grader.exercises.dropout.plan import Stage

RELEASED = Path(__file__).with_name("released.txt")


@dataclass(frozen=True)
class Dropout:
    name = "dropout"
    title = "Variance-stabilized dropout"
    handout = Handout(
        class_name="VarianceStabilizedDropout",
        notebook=packaged("notebooks/variance_dropout_task.ipynb"),
        script="dropout.py",
        script_check="test_dropout.py",
        prompt=packaged("assets/task_prompt.md"),
        released=frozenset(line.split()[0] for line in RELEASED.read_text(encoding="utf-8").splitlines()),
    )
    rules = TITLES
    hints: ClassVar = {mistake.name: mistake.hint for mistake in BY_NAME.values()}
    lesson_hints = LESSON_HINTS
    honesty = ("R10", CONTRACT["R10"])
    Options = DropoutOptions
    chart = CHART
    places = tuple(round(0.1 * k, 1) for k in range(1, 10))
    examples = (
        Example("planted bug", known.START, CHART.lines[1].law, passes=False),
        Example("reference", known.REFERENCE, CHART.lines[0].law, passes=True),
    )

    def published(self, options: DropoutOptions) -> tuple[float, ...]:
        return options.rates

    def wording(self, options: DropoutOptions) -> Mapping[str, str]:
        usual = DropoutOptions()
        (old, at), (new, now) = ((f"{100 * each.tolerance:g} %", _listed(each.rates)) for each in (usual, options))
        return {
            f"within {old} at p = {at}": f"within {new} at p = {now}",
            f"The {old} is a setting": f"The {new} is a setting",
            _constants(usual): _constants(options),
        }

    def plan(self, seed: int, options: DropoutOptions, enough: bool) -> Verdict:
        from grader.exercises.dropout.checks import Verdict
        from grader.exercises.dropout.laws.options import LawOptions

        if isinstance(options, LawOptions):
            from grader.exercises.dropout.laws.verdict import LawVerdict

            return LawVerdict(seed, options, enough)
        return Verdict(seed, options, enough)

    def survey(self, seed: int, places: Sequence[float], n: int) -> Stage:
        from grader.exercises.dropout.measurement import curve_stage

        return curve_stage(seed, places, n)

    def survey_points(self, stage: Stage, replies: Sequence[Any]) -> tuple[Point, ...]:
        from grader.exercises.dropout.measurement import curve

        return tuple(measured.point for measured in curve(stage, replies))


def _listed(rates: Sequence[float]) -> str:
    return " and ".join(filter(None, (", ".join(map(str, rates[:-1])), str(rates[-1]))))


def _constants(options: DropoutOptions) -> str:
    """The line of the check cell."""
    return f"RATES, TOLERANCE = {options.rates}, {options.tolerance}  #"


EXERCISE = Dropout()
