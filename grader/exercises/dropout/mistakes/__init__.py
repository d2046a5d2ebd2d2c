"""Every mistake that has a name: one record each, in the order in which their numbers are compared."""

from __future__ import annotations

from grader.exercises.dropout.mistakes import coins, layer, scale
from grader.exercises.dropout.mistakes.record import Mistake

MISTAKES: tuple[Mistake, ...] = (*coins.MISTAKES, *scale.MISTAKES, *layer.MISTAKES)
# Only a grading finds it: what a drawn question shows is told by the rule alone, and so it is in no handed-out text.
PARTLY = Mistake(
    "holds only in part",
    "Nothing was found wrong on the questions that are the same for everybody, but on inputs drawn for this grading "
    "from the contract's whole domain. Broken there: {detail}.",
    hint="Read the rules that are broken beside the code: where does it treat some inputs, sizes or rates differently?",
)
BY_NAME = {mistake.name: mistake for mistake in (*MISTAKES, PARTLY)}
SYMPTOMS = {  # which of the lesson's hints fits which mistakes, by the line that opens it
    "I do not know where to begin": ("not attempted", "inverted dropout", "no scale"),
    "It is right at p = 0.5 and wrong at 0.3 and 0.7": ("divided by p", "root of p"),
    "It is nearly right at p = 0.3 and far off at 0.7": ("scale 1 + p", "halfway to inverted dropout"),
    "My power gives 0.71 or 0.35 at p = 0.3, and I expected more than 1": ("** before /",),
    "My float32 became float64": ("dtype",),
    "The kept share is 30 % at p = 0.3": ("p taken as the probability of keeping", "mask reversed"),
    "The scale differs from call to call": ("scale measured from the data", "scale from the observed fraction"),
    "NaN gets through my test of p": ("bad p",),
    "After the derivation: what counts as derived (R9)": ("no root or power",),
}
LESSON_HINTS = {name: f"section 6, “{line}”" for line, names in SYMPTOMS.items() for name in names}
EXAMPLES = {mistake.name: mistake.examples for mistake in MISTAKES if mistake.examples}
