"""Every mistake that has a name: one record each, in the order in which their numbers are compared."""

from __future__ import annotations

from grader.exercises.dropout.mistakes import coins, layer, scale
from grader.exercises.dropout.mistakes.record import Mistake

MISTAKES: tuple[Mistake, ...] = (*coins.MISTAKES, *scale.MISTAKES, *layer.MISTAKES)
# Only a grading finds it: what a drawn question shows is told by the rule alone, and so it is in no handed-out text.
PARTLY = Mistake(
    "holds only in part",
    "Every rule holds on the questions that are the same for everybody, and not on inputs drawn for this grading from "
    "the contract's whole domain. Broken there: {detail}.",
    hint="Read the rules that are broken beside the code: where does it treat some inputs, sizes or rates differently?",
)
BY_NAME = {mistake.name: mistake for mistake in (*MISTAKES, PARTLY)}
EXAMPLES = {mistake.name: mistake.examples for mistake in MISTAKES if mistake.examples}
