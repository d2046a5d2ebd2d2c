"""What a verdict tells: the same words whatever was drawn, as long as the same rules are broken."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from grader import Grade, Grader, Settings
from grader.bench.in_process import InProcessBox
from grader.exercises.dropout import known
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.mistakes import EXAMPLES, PARTLY
from grader.exercises.dropout.options import Options
from grader.result import Outcome

# Each is right in public, as far as its author knows, and tells of what is hidden in its own way.
PUBLIC = "self.p in (0, 0.3, 0.42, 0.5, 0.7, 0.15, 0.85)"
HIDDEN = {
    "a scale that encodes the rate": f"s = q ** -0.5 if {PUBLIC} else q ** -0.5 * (1 + self.p)",
    "a scale at p = 0.3 that encodes other rates": "s = q ** -0.5\n        if len(SEEN) > 40: s *= 1 + max(SEEN)",
    "an exception's message": f"s = q ** -0.5\n        if not {PUBLIC}: raise RuntimeError(repr(self.p))",
    "an exception's type": f"s = q ** -0.5\n        if not {PUBLIC}: raise type(repr(self.p), (Exception,), {{}})",
    "the shape": f"s = q ** -0.5\n        if not {PUBLIC}: return np.ones(int(1e6 * self.p))",
    "the dtype": f"s = q ** -0.5\n        if not {PUBLIC}: return np.ones(x.shape, f'U{{1 + int(1e3 * self.p)}}')",
    "the name of a type": f"s = q ** -0.5\n        if not {PUBLIC}: return type(repr(self.p), (), {{}})()",
    "which mistake": f"s = q ** -0.5\n        if not {PUBLIC}: s = q ** (-1 if self.p * 1e6 % 2 < 1 else -0.25)",
}


def source(expression: str) -> str:
    scale = ("scale = 1.0 / keep_prob", f"q = keep_prob\n        {expression}\n        scale = s")
    seen = ("        self.p = p\n", "        self.p = p\n        SEEN.append(p if 0 < p < 1 else 0.5)\n")
    return "SEEN = []\n\n" + known.repaired(scale, seen)


def told(grade: Grade) -> str:
    names = ("feedback", "findings", "diagnosis", "output", "points", "status")
    return json.dumps({name: value for name, value in asdict(grade).items() if name in names})


@pytest.fixture(scope="module")
def here() -> Iterator[Grader]:
    with InProcessBox() as box, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Grader(Settings(execute="none"), box)


def broken(grade: Grade) -> frozenset[str]:
    return frozenset(finding.rule for finding in grade.findings if finding.outcome is Outcome.FAILED)


@pytest.mark.slow
@pytest.mark.parametrize("way", HIDDEN)
@pytest.mark.parametrize("evidence", ["all", "enough"])
def test_no_hidden_number_is_told(here: Grader, way: str, evidence: str) -> None:
    by_rules: dict[frozenset[str], set[tuple[str, str]]] = {}
    for seed in range(4):
        here.settings = replace(here.settings, seed=seed, evidence=evidence)
        grade = here.grade_source(source(HIDDEN[way]))
        assert not grade.passed
        drawn = [stage for stage in stages(seed, Options().rates, Options().inputs) if not stage.public]
        rates = {repr(call.p) for stage in drawn for call in stage.calls}
        assert not [rate for rate in rates if len(rate) >= 7 and rate in told(grade)]
        if grade.diagnosis == PARTLY.name:  # right in public: then what is told hangs on the rules alone
            measured = "".join(finding.measured for finding in grade.findings if finding.outcome is Outcome.FAILED)
            by_rules.setdefault(broken(grade), set()).add((grade.feedback, measured))
    assert all(len(words) == 1 for words in by_rules.values())


def test_what_is_measured_and_told_is_from_public_questions(here: Grader) -> None:
    """A layer that is right in public and wrong in the drawn stages shows the numbers of a right one."""
    here.settings = replace(here.settings, seed=5, evidence="all")
    grade = here.grade_source(source(HIDDEN["a scale that encodes the rate"]))
    assert grade.diagnosis == PARTLY.name
    assert all(abs(point.error) < 1e-9 for point in grade.points)


def test_terse_names_rules_and_nothing_else(here: Grader) -> None:
    here.settings = replace(here.settings, seed=5, feedback="terse")
    grade = here.grade_source(EXAMPLES["divided by p"][0])
    here.settings = replace(here.settings, feedback="full")
    assert grade.feedback.startswith("Failed: R5 p = 0 is the identity, R7 scale")
    assert grade.diagnosis == "not told"
    assert not grade.points
    assert not any(finding.measured for finding in grade.findings)


def test_enough_stops_where_the_verdict_is_sure_and_says_so(here: Grader) -> None:
    here.settings = replace(here.settings, seed=5, evidence="enough")
    grade = here.grade_source(EXAMPLES["divided by p"][0])
    assert grade.asked == "the first public questions"
    assert {f.outcome for f in grade.findings if f.rule in ("R3", "R4", "R6")} == {Outcome.NOT_JUDGED}
    assert here.grade_source(known.REFERENCE).asked == "all questions"
    here.settings = replace(here.settings, seed=5, evidence="all")
    assert here.grade_source(EXAMPLES["divided by p"][0]).asked == "all questions"
