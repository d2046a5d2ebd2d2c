"""One grading of a layer under another law: the exercise's questions and rules, with this law in place of its own.

R7 is exact to one part in 10⁶, and R9 is not judged: no fitted curve comes that near.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.exercises.dropout.checks import Verdict
from grader.exercises.dropout.diagnosis import told
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.laws import LAWS
from grader.exercises.dropout.laws.asked import asked
from grader.exercises.dropout.laws.options import LawOptions
from grader.exercises.dropout.laws.reading import LawReading, classified
from grader.exercises.dropout.laws.record import Law, Slip
from grader.exercises.dropout.mistakes import MISTAKES
from grader.exercises.dropout.plan import Call
from grader.exercises.dropout.replies import Anything
from grader.exercises.dropout.rules import AFTER_NUMBERS, BEFORE_NUMBERS, RULE_OF, TITLES, Seen
from grader.exercises.interface import Code, Judgement
from grader.result import Finding, Outcome

OF_THE_LAW = ("R6", "R7", "R8")  # rules whose words are the law's own
NUMBERS = {"no zeros", "scale", "scale by call", "scale inside", "variance", "fraction", "fraction varies"}
NAMED = {fault: mistake.name for mistake in MISTAKES for fault in mistake.faults}
NO_DERIVATION = Finding("R9", TITLES["R9"], Outcome.NOT_JUDGED, "not asked for", "")
CLOSE = 1e-5  # of y/x to a known mistake's; the three digits of a fit lie further from the law


class LawVerdict(Verdict):
    """``Verdict`` under another law, for a class of any name."""

    def __init__(self, seed: int, options: LawOptions, enough: bool) -> None:
        super().__init__(seed, options, enough)
        self.law = LAWS[options.law]
        self._drawn = asked(stages(seed, self.rates, self.inputs), self.law, options.class_name, seed)
        self.stages = [next(self._drawn)]
        self._reading: LawReading = LawReading(self.law)

    def judge(self, code: Code) -> Judgement:
        evidence = self.evidence()
        findings = tuple(self._in_its_words(finding) for finding in evidence.findings)
        points = tuple(measured.point for measured in evidence.measurements)
        name, sentence, line = self._diagnosis(evidence.seen, evidence.elsewhere)
        return Judgement((*findings, NO_DERIVATION), name, sentence, line, points, evidence.asked)

    def _in_its_words(self, finding: Finding) -> Finding:
        if finding.rule not in OF_THE_LAW:
            return finding
        expected = {
            "R6": f"with probability p, and independently, an element {self.law.dropped.rstrip(',')}",
            "R7": f"every kept element is {self.law.kept.partition(',')[0]}",
            "R8": self.law.summary,
        }[finding.rule]
        tolerance = "1e-6" if finding.rule == "R7" else finding.tolerance
        measured = finding.measured
        if finding.rule != "R6":  # numbers there are of the base law
            measured = {Outcome.PASSED: "as the law says", Outcome.FAILED: "not as the law says"}.get(
                finding.outcome, measured
            )
        return replace(finding, expected=expected, tolerance=tolerance, measured=measured)

    def _diagnosis(self, seen: Seen, elsewhere: frozenset[str]) -> tuple[str, str, int]:
        """A name, a sentence, and the line that raised, if any."""
        faults = seen.faults
        if not faults and not elsewhere:
            return "correct", "Every rule of the contract holds.", 0
        if not faults:
            broken = "; ".join(f"{rule}, {TITLES[rule]}" for rule in TITLES if rule in elsewhere)
            return (
                "holds only in part",
                f"Rules that hold in public break on inputs drawn for this grading: {broken}.",
                0,
            )
        first = next(name for name in (*BEFORE_NUMBERS, *AFTER_NUMBERS) if name in faults)
        if first in BEFORE_NUMBERS and first not in NUMBERS:
            found = told(NAMED[first], seen, first)
            return found.name, found.sentence, found.line
        if NUMBERS & faults.keys() and (slip := self._slip()):
            return slip[0].name, slip[1], 0
        if RULE_OF[first] in ("R7", "R8"):
            return "another law", f"Kept elements do not become what the law makes of them: {self.law.summary}.", 0
        found = told(NAMED[first], seen, first)
        return found.name, found.sentence, found.line

    def _slip(self) -> tuple[Slip, str] | None:
        """The known mistake that all that was seen in public follows, and its sentence."""
        seen = [(call, x, y) for call, x, y in self._reading.public if call.plain and 0.01 < call.p < 0.99]
        for slip in self.law.slips:
            with np.errstate(all="ignore"):
                if seen and all(self._follows(slip, *each) for each in seen):
                    return slip, self._sentence(slip, self.law)
        return None

    def _follows(self, slip: Slip, call: Call, x: Anything, y: Anything) -> bool:
        try:
            form = self._reading.form_at(slip.form, call)
        except (ArithmeticError, ValueError, TypeError):  # no real number at this θ
            return False
        if isinstance(form.scale, complex):
            return False
        if form.plain:
            kept = y != 0
            return bool((np.abs(y[kept] / x[kept].astype(float) / form.scale - 1) < CLOSE).all())
        kept, dropped, judged = classified(form, call.p, x, y)
        return bool((kept | dropped)[judged].all())

    def _sentence(self, slip: Slip, law: Law) -> str:
        """With the numbers of the first public call that says most."""
        shown = [call for call, _, _ in self._reading.public if call.p in self.rates and call.p != 0.5]
        call = next((call for call in shown if call.theta not in (None, law.default)), shown[0] if shown else None)
        if call is None:
            return slip.sentence.partition("{")[0]
        theta = law.default if call.theta is None else call.theta
        return slip.sentence.format(p=call.p, t=theta, r=slip.form(call.p, theta).scale)
