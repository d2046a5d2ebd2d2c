"""The files of an answer → what they are worth."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from grader.api import Grade, Grader
from grader.exercises.dropout.plan import CLASS
from grader.result import Outcome
from grader.rl.instance import SCRIPT, TEST, Instance
from grader.submissions.source import beyond, same_code


@dataclass(frozen=True)
class Judged:
    """What an answer is worth, and what may be logged beside it.

    ``value``: 1.0 if every site keeps every rule, else 0.0; None where the grader itself failed, which says nothing of
    the answer: mask it, never send 0. ``rules``: of each rule, the worst outcome over the sites that were judged
    ("passed", "failed", "not_judged"). ``diagnosis`` and ``feedback`` are those of the first site that is wrong; the
    sentence is for logs and for a model that is told. ``sites``: the Grade of every site judged, by the name of its
    class. ``attempted``: a file differs from what was handed out. ``seconds``: by the clock.
    """

    value: float | None
    rules: Mapping[str, str]
    diagnosis: str
    feedback: str
    sites: Mapping[str, Grade]
    attempted: bool
    seconds: float


def judge(instance: Instance, files: Mapping[str, str], grader: Grader, *, every: bool = False) -> Judged:
    """Judge the files of an answer, given by name; one that is missing counts as empty, a missing test as not judged.

    Sites are judged in order up to the first that is wrong, with ``every`` all of them. For rewards, open the grader
    with ``Settings(evidence="enough", execute="none", timeout_s=TIMEOUT_S)``: its options of the exercise are not used,
    the instance has its own. Never raises for what an answer holds.
    """
    started = time.monotonic()
    source = files.get(SCRIPT, "")
    attempted = any(files.get(name) != text for name, text in instance.files.items())
    honesty, told = _honesty(instance, files)
    problem = told or _problem(source)
    grades: dict[str, Grade] = {}
    if not problem:
        for options in instance.options:
            name = getattr(options, "class_name", CLASS)
            grades[name] = grader.grade_source(source, options)
            if grades[name].reward != 1.0 and not every:
                break
    rewards = [grade.reward for grade in grades.values()]
    value = None if None in rewards else float(not problem and all(rewards))
    diagnosis, feedback = "no answer", problem
    if told:
        diagnosis = "check cell changed"
    elif grades:
        name, shown = next(((n, g) for n, g in grades.items() if g.reward != 1.0), list(grades.items())[-1])
        diagnosis, feedback = shown.diagnosis, shown.feedback
        feedback = f"{name}: {feedback}" if len(instance.options) > 1 else feedback
    rules = {**_worst(grades), "R10": honesty.value}
    return Judged(value, rules, diagnosis, feedback, grades, attempted, round(time.monotonic() - started, 3))


def _problem(source: str) -> str:
    if not source.strip():
        return f"There is no code in {SCRIPT}."
    return f"{SCRIPT} has {too_much}." if (too_much := beyond(source)) else ""


def _honesty(instance: Instance, files: Mapping[str, str]) -> tuple[Outcome, str]:
    """R10: the visible test as it went out. What is not handed in cannot be judged."""
    if TEST not in instance.files or TEST not in files:
        return Outcome.NOT_JUDGED, ""
    if same_code(files[TEST], instance.files[TEST]):
        return Outcome.PASSED, ""
    return Outcome.FAILED, f"{TEST} was changed: only {SCRIPT} is the answer."


def _worst(grades: Mapping[str, Grade]) -> dict[str, str]:
    order = (Outcome.PASSED, Outcome.NOT_JUDGED, Outcome.FAILED)
    worst: dict[str, Outcome] = {}
    for grade in grades.values():
        for finding in grade.findings:
            worst[finding.rule] = max(worst.get(finding.rule, Outcome.PASSED), finding.outcome, key=order.index)
    return {rule: outcome.value for rule, outcome in worst.items()}
