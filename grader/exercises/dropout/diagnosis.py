"""From what was seen to which known mistake it is, and the sentence that the learner reads.

The part between the two marks is shared: see ``rules``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.exercises.dropout.mistakes import BY_NAME, MISTAKES, PARTLY
from grader.exercises.dropout.mistakes.record import Law
from grader.exercises.dropout.rules import AFTER_NUMBERS, BEFORE_NUMBERS, CONTRACT, TITLES, Seen


# --- shared with the notebook's check cell: begin
@dataclass(frozen=True)
class Diagnosis:
    """A mistake's name, its sentence for the learner, and the line of the answer that raised, 0 if none did."""

    name: str
    sentence: str
    line: int = 0


def lawful(s: float, p: float, error: float = 1e-4) -> bool:
    """s² · (1-p) = 1, to this relative error of s; False for NaN."""
    return s > 0 and abs(s * s * (1 - p) - 1) <= 2 * error


def diagnose(seen: Seen) -> Diagnosis:
    """The first mistake, in the order in which they are best repaired; "correct" if nothing is wrong."""
    if not seen.faults:
        return told("correct", seen)
    named = {fault: mistake.name for mistake in MISTAKES for fault in mistake.faults}
    for fault in BEFORE_NUMBERS:
        if fault in seen.faults:
            return told(named[fault], seen, fault)
    if "not finite" in seen.faults and all(math.isnan(f) for f in seen.kept):  # everywhere, not on odd inputs alone
        return told("not finite", seen, "not finite")
    by_numbers = name_by_numbers(seen)
    if by_numbers:
        return told(by_numbers, seen, "fraction" if "fraction" in seen.faults else "")
    for fault in AFTER_NUMBERS:
        if fault in seen.faults:
            return told(named[fault], seen, fault)
    return told("unknown", seen)


def name_by_numbers(seen: Seen) -> str | None:
    """Two numbers at each rate, the fraction kept and the survivors' ratio, name most mistakes."""

    def keeps(law: Law) -> bool:
        return all(abs(f - law.at(p)) < 0.02 for p, f in zip(seen.rates, seen.kept, strict=True))

    def scales(law: Law) -> bool:
        return all(abs(s / law.at(p) - 1) < 1e-4 for p, s in zip(seen.rates, seen.scale, strict=True))

    if any(math.isnan(f) for f in seen.kept):
        return None
    for mistake in MISTAKES:
        for sign in mistake.signs:
            shown = (sign.kept is None or keeps(sign.kept)) and (sign.scale is None or scales(sign.scale))
            if shown and (not sign.code or sign.code in seen.code):
                return mistake.name
    if len(seen.rates) > 1 and max(seen.kept) - min(seen.kept) < 0.03:
        return "mask ignores p"
    if any(math.isnan(s) for s in seen.scale):
        return None
    at = list(zip(seen.scale, seen.rates, strict=True))
    if all(lawful(s, p) for s, p in at):  # at these rates, but perhaps not at others
        moving = {"scale by call", "scale by fraction"} & seen.faults.keys()
        return "scale does not follow p" if "scale" in seen.faults and not moving else None
    constant = len(seen.scale) > 1 and max(seen.scale) - min(seen.scale) <= 1e-6 * abs(seen.scale[0])
    if constant or any(lawful(s, p) for s, p in at) or all(lawful(s, p, 0.05) for s, p in at):
        return "scale does not follow p"
    return None


def told(name: str, seen: Seen, fault: str = "") -> Diagnosis:
    """With the sentence that says most and is true, and the numbers at a published rate, p = 0.3 where it is one."""
    (mistake,) = [each for each in MISTAKES if each.name == name]
    facts = seen.code | {fault}
    sentence = next((text for fact, text in mistake.when.items() if fact in facts), mistake.sentence)
    at = [k for k, p in enumerate(seen.rates) if p in seen.published and p != 0.5] or [0]
    p, f, r = (row[at[0]] if row else math.nan for row in (seen.rates, seen.kept, seen.scale))
    law, q = r * r * (1 - p), 1 - p
    numbers = {"p": p, "q": q, "f": f, "r": r, "law": law, "power": law if abs(f - q) < 0.02 else r * r * f}
    return Diagnosis(name, sentence.format(detail=seen.faults.get(fault, ""), **numbers), seen.lines.get(fault, 0))


# --- shared with the notebook's check cell: end

# Rules that name a mistake by themselves, and what is said of it.
ELSEWHERE = {
    frozenset({"R4"}): ("evaluation is not the identity", "something else, on an input drawn for this grading"),
    frozenset({"R5"}): ("p = 0 is not the identity", "something else, on an input drawn for this grading"),
}


def diagnose_elsewhere(rules: frozenset[str]) -> Diagnosis:
    """For a layer that is right in public, and breaks these rules on inputs drawn for one grading."""
    broken = "; ".join(f"{rule}, {TITLES[rule]}: {CONTRACT[rule]}" for rule in TITLES if rule in rules)
    name, detail = ELSEWHERE.get(rules, (PARTLY.name, broken))
    return Diagnosis(name, BY_NAME[name].sentence.format(detail=detail))
