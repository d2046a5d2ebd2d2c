"""Plan and raw replies → findings R1–R8, measurements, and what was seen, for the diagnosis; stage by stage.

What is told comes from the public stage alone. Of the drawn ones nothing is told but which rules they broke: a word,
a number or a name that hangs on hidden draws would tell them to whoever wrote the layer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.exercises.dropout import theory
from grader.exercises.dropout.bounds import bernstein
from grader.exercises.dropout.coins import BUDGETS, Pockets, Table, Tests, Windows, check_counts
from grader.exercises.dropout.dependence import check_dependence
from grader.exercises.dropout.derivation import uses_power
from grader.exercises.dropout.diagnosis import diagnose, diagnose_elsewhere, told
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.exact import Coins, Reading
from grader.exercises.dropout.flow import code_facts
from grader.exercises.dropout.measurement import Measurement, common_scale, measure
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.plan import Stage
from grader.exercises.dropout.public import OTHER_RATES, N
from grader.exercises.dropout.replies import Fault
from grader.exercises.dropout.rules import BEFORE_NUMBERS, CONTRACT, RULE_OF, TITLES, Seen
from grader.exercises.interface import Code, Judgement
from grader.result import Finding, Outcome

RULES = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8")
TOLERANCES = {"R4": "exact", "R5": "exact", "R6": "P < 1e-6 by chance", "R7": "1e-4"}
GOOD = {"R6": "fraction and independence as they should be", "R7": "s²·(1-p) = 1.0000 at every rate"}
HIDDEN = "broken by inputs drawn for this grading"
LARGE = (False, False, True, False, True)  # stages with coins enough for dependence to show
STAGES = (
    "the first call",
    "the first public questions",
    "the public questions",
    "a small stage of drawn ones",
    "all questions",
)
CROSS_CHECK_NATS = 26.0  # of Σy²/Σx² against s²·f: P ≤ 2 exp(-26) = 1e-11 at each of a few rates


@dataclass(frozen=True)
class Evidence:
    """What the replies show: one finding for each of R1–R8, in order; ``seen`` in public; the rules that a drawn
    question broke; how far it went."""

    findings: tuple[Finding, ...]
    measurements: tuple[Measurement, ...]
    seen: Seen
    elsewhere: frozenset[str]
    asked: str


class Verdict:
    """One grading's questions and what their answers show. ``start``'s stage is asked first, then ``further``'s."""

    def __init__(self, seed: int, options: Options, enough: bool) -> None:
        """``enough``: stop at the first stage with a verdict; otherwise all is asked."""
        self.rates, self.inputs, self.tolerance = options.rates, options.inputs, options.tolerance
        self.enough = enough
        self._drawn = stages(seed, self.rates, self.inputs)
        self.stages = [next(self._drawn)]
        self.ratios: list[dict[str, float]] = []  # of each stage's statistics to their limits
        self.measurements: tuple[Measurement, ...] = ()
        self._reading, self._pockets, self._windows = Reading(), Pockets(), Windows()
        self._read = self._replies_read = self._public_coins = self._compared = 0
        self._public: dict[str, Fault] = {}
        self._elsewhere: set[str] = set()

    @property
    def start(self) -> Stage:
        return self.stages[0]

    @property
    def first_call(self) -> int:
        return self.start.calls[0].operation

    def further(self, replies: Sequence[Any]) -> Stage | None:
        """Read what has come in since, and say what to ask next."""
        with np.errstate(all="ignore"):  # whatever numbers come back, they are compared, never trusted
            self._judge(replies[self._replies_read :])
        self._replies_read = len(replies)
        stop = self._conclusive() if self.enough else not self._reading.coins
        if (stop and self._read > 1) or self._read == len(BUDGETS):
            return None
        self.stages.append(next(self._drawn))
        return self.stages[-1]

    def _conclusive(self) -> bool:
        """Is there a verdict, and its name? A law of the fraction wants more coins than the first questions have, and
        so does what may be no more than a law's effect where nothing should happen."""
        faults = self._public.keys()
        more = ("fraction" in faults or faults <= {"p = 0", "evaluation"}) and not BEFORE_NUMBERS.keys() & faults
        return bool(self._elsewhere or faults) and not (more and self._read == 2)

    def _judge(self, replies: Sequence[Any]) -> None:
        stage = self.stages[self._read]
        faults = self._reading.read(stage, replies)
        tests = Tests(BUDGETS[self._read])
        coins = self._reading.coins
        if coins:
            faults += self._coin_faults(coins, tests, names=stage.public)
        self.ratios.append(tests.ratios)
        self._read += 1
        if stage.public:
            self._public_coins = len(coins)
            faults += _exchanged_faults(self._reading)
            self.measurements = _measurements(coins, self.rates, self.inputs, faults)
            faults += _variance_faults(self.measurements, coins, self.tolerance)
            for fault in faults:
                self._public.setdefault(fault.name, fault)
        else:
            self._elsewhere |= {RULE_OF[fault.name] for fault in faults}
            powers = (one.scale * one.scale * (1 - one.call.p) for one in coins) if "R7" in self._elsewhere else ()
            self._elsewhere |= {"R8" for power in powers if abs(power - 1) > self.tolerance}

    def _coin_faults(self, coins: Sequence[Coins], tests: Tests, names: bool) -> list[Fault]:
        """``names``: find out by which name it is told, too. What small stages have few coins for waits for the next
        one; what is used twice is looked for in all coins so far."""
        table = self._pockets.table(coins)
        check_counts(coins, table, tests)
        place = self._windows.check(coins, tests)
        new, table = coins[self._compared :], table[:, self._compared :]
        if LARGE[self._read]:
            self._compared = len(coins)
            if place is None:  # sums over coins that were used twice mean nothing
                check_dependence(new, table, tests)
        broken = set(filter(tests.broken, tests.ratios))
        if not broken:
            return []
        largest = max(CONTRASTS, key=lambda name: tests.ratios.get(name, 0.0))
        shown = {**SHOWN, "fraction": _fraction(coins), "follows x": SHOWN[largest], "position": SHOWN[largest]}
        return [Fault(name, shown[name]) for name in _names(new, table, broken, place)] if names else [BROKEN]

    def judge(self, code: Code) -> Judgement:
        evidence, derived = self.evidence(), uses_power(code.tree)
        seen = evidence.seen
        if not derived and (seen.faults or not evidence.elsewhere):
            seen = replace(seen, faults={**seen.faults, "no root": "no root and no power"})
        if seen.faults:
            seen = replace(seen, code=code_facts(code.tree))
        found = diagnose(seen) if seen.faults or not evidence.elsewhere else diagnose_elsewhere(evidence.elsewhere)
        if code.untouched:
            found = told("not attempted", seen)
        points = tuple(measured.point for measured in evidence.measurements)
        findings = (*evidence.findings, _derivation(derived))
        return Judgement(findings, found.name, found.sentence, found.line, points, evidence.asked)

    def evidence(self) -> Evidence:
        kept, scale = [], []
        for p in (rates := (*self.rates, *OTHER_RATES)):
            public = self._reading.coins[: self._public_coins]
            mine = [o for o in public if o.call.p == p and o.call.plain and o.call.inputs == "normal"]
            n = sum(one.n for one in mine)
            kept.append(sum(one.k for one in mine) / n if n else math.nan)
            scale.append(common_scale(mine))
        faults = {name: fault.shown for name, fault in self._public.items()}
        lines = {name: fault.line for name, fault in self._public.items() if fault.line}
        seen = Seen(rates, tuple(kept), tuple(scale), self.rates, faults, lines)
        asked = STAGES[self._read - 1] if self._read else STAGES[0]
        return Evidence(self._findings(), self.measurements, seen, frozenset(self._elsewhere), asked)

    def _findings(self) -> tuple[Finding, ...]:
        findings = []
        whole = self._read == len(BUDGETS)
        worst = max((abs(m.variance_error) for m in self.measurements), default=math.nan)
        good = {**GOOD, "R8": f"within {worst:.1%} at every rate"}
        for rule in RULES:
            shown = [fault.shown for name, fault in self._public.items() if RULE_OF[name] == rule]
            if shown or rule in self._elsewhere:
                outcome, measured = Outcome.FAILED, "; ".join(shown) or HIDDEN
            elif not whole:
                outcome, measured = Outcome.NOT_JUDGED, "not asked to the end: another rule is broken"
            else:
                outcome, measured = Outcome.PASSED, good.get(rule, "as expected")
            tolerance = f"{self.tolerance:.0%}" if rule == "R8" else TOLERANCES.get(rule, "")
            findings.append(Finding(rule, TITLES[rule], outcome, measured, CONTRACT[rule], tolerance))
        return tuple(findings)


def _derivation(holds: bool) -> Finding:
    outcome = Outcome.PASSED if holds else Outcome.FAILED
    measured = "found" if holds else "neither a root nor a power"
    return Finding("R9", TITLES["R9"], outcome, measured, CONTRACT["R9"])


def _exchanged_faults(reading: Reading) -> Iterator[Fault]:
    """Training does nothing and evaluation drops."""
    idle = [one.k == one.n and math.isclose(one.scale, 1.0) for one in reading.coins if one.call.plain]
    if idle and all(idle) and sum(reading.dropped) > len(reading.dropped) / 2:
        yield Fault("modes exchanged", "x came back unchanged in training, and was dropped from in evaluation")


# --- R6 ------------------------------------------------------------------------------------------------------------

CONTRASTS = ("contrasts: position", "contrasts: drift", "contrasts: x", "contrasts: size of x")
BROKEN = Fault("fraction", "")
PATTERN = {"clustered", "lags", "products", "twins"}  # within a call
SHOWN = {
    "fraction": "too many or too few units are kept",
    "one coin": "every call drops all or nothing",
    "structure": "the fate of some elements can be told from that of others",
    "regular": "the counts of survivors hardly vary from call to call",
    "repeat": "two calls or two layers drew the same or related masks",
    "contrasts: drift": "the fraction kept drifts with position",
    "contrasts: position": "some positions are kept more often than others",
    "contrasts: x": "the mask is correlated with x",
    "contrasts: size of x": "the mask is correlated with the size of x",
    "fraction varies": "in some calls too many or too few are kept",
}


def _names(coins: Sequence[Coins], table: Table, broken: set[str], place: str | None) -> list[str]:
    """A wrong fraction and a drift make any two coins related. Where they are found, what the coins have in common is
    looked for about each call's own mean and drift."""
    long = [one for one in coins if one.n >= 100]
    if long and {one.k / one.n for one in long} == {0.0, 1.0}:
        return ["one coin"]
    if place is not None:  # repeated coins say everything again; so one call is looked at
        one = int(np.argmax([one.n for one in coins]))
        alone = Tests(BUDGETS[0])
        check_dependence([coins[one]], table[:, [one]], alone, flat=True)
        if alone.broken("contrasts: x") or alone.broken("contrasts: size of x"):
            return ["follows x"]
        pattern = place == "one call" or any(alone.broken(name) for name in PATTERN)
        return ["structure" if pattern else "repeat"]
    found = []
    flat = Tests(BUDGETS[0])
    check_dependence(coins, table, flat, flat=True)
    related = {name for name in broken if flat.broken(name)}
    uneven = broken & {"count", "pockets", "waves"}
    if related & {"contrasts: x", "contrasts: size of x"}:
        found.append("follows x")
    elif "contrasts: position" in related or (broken & {"contrasts: drift", "edges"} and not uneven):
        found.append("position")
    if related & PATTERN:
        found.append("structure")
    if broken & {"regular", "equal counts"} and not broken & {"clustered"}:
        found.append("regular")
    if "pairs of calls" in related:
        found.append("repeat")
    if broken & {"count", "pockets", "waves", "lost NaN"}:
        found.append("fraction")
    if not found and broken & {"contrasts: x", "contrasts: size of x"}:  # too weak about a mean of its own
        return ["follows x"]
    return found or ["fraction varies"]


def _fraction(coins: Sequence[Coins]) -> str:
    """Where the fraction is furthest off: in an ordinary array, unless it clearly holds there and not in another."""
    worst = max(coins, key=lambda one: one.off)
    ordinary = [one for one in coins if not one.call.view.unusual]
    first = max(ordinary or coins, key=lambda one: one.off)
    worst = worst if worst.off > 8 and first.off < 4 else first
    where = f" in a {worst.call.view.unusual} array" if worst.call.view.unusual else ""
    return f"{worst.k / worst.n:.3f} of {worst.n} kept at p = {worst.call.p:g}{where}" if worst.n else SHOWN["fraction"]


# --- R8 ------------------------------------------------------------------------------------------------------------


def _measurements(
    coins: Sequence[Coins], rates: Sequence[float], inputs: Sequence[str], faults: Sequence[Fault]
) -> tuple[Measurement, ...]:
    """At every published rate and for every kind of input, from the long calls."""
    holds = all(fault.name != "fraction" for fault in faults)
    longest = max((one.n for one in coins), default=0)  # those of the first stage are short
    groups = [
        [
            one
            for one in coins
            if (one.call.p, one.call.inputs) == (p, name) and one.n >= min(N, longest) and one.call.plain
        ]
        for name in sorted(inputs, key=lambda name: name != "normal")
        for p in rates
    ]
    return tuple(measure(group, holds) for group in groups if group)


def _variance_faults(measurements: Sequence[Measurement], coins: Sequence[Coins], tolerance: float) -> Iterator[Fault]:
    for m in measurements:
        if not abs(m.variance_error) <= tolerance:
            other = "" if m.inputs == "normal" else f", {m.inputs} inputs, contract {m.expected:.4g}"
            yield Fault("variance", f"Var[y]/Var[x] = {m.judged_ratio:.4g} at p = {m.p:g}{other}")
        if math.isfinite(m.scale):  # and the sums bear it out: Σy²/Σx²/s² - f = Σ w(m - f) with w = x²/Σx²
            x = np.concatenate(
                [o.x for o in coins if (o.call.p, o.call.inputs, o.n) == (m.p, m.inputs, N)] or [np.ones(1)]
            )
            w = x * x / float(x @ x)
            judged = m.judged_ratio / (1.0 + m.p * theory.INPUT_MEAN[m.inputs] ** 2)
            limit = m.scale * m.scale * bernstein(m.p * (1 - m.p) * float(w @ w), float(w.max()), CROSS_CHECK_NATS)
            if not abs(m.power_ratio - judged) <= limit + 1e-9:
                yield Fault("variance", f"Σy²/Σx² and Σ(s·m·x)²/Σx² differ at p = {m.p:g}")
