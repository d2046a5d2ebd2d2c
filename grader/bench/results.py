"""The page that says how sure the verdict is: TESTING_RESULTS.md, table by table."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence

import numpy as np

from grader.bench.deviations import DEVIATIONS, SURE
from grader.bench.tally import Tally
from grader.exercises.interface import Example
from grader.judging.demo import PUBLISHED_N
from grader.result import Grade


def head(seed: int) -> list[str]:
    return [
        "# Testing results",
        "",
        f"Written by `python -m grader measure --seed {seed}` with Python {platform.python_version()}, numpy "
        f"{np.__version__}, {os.cpu_count()} cores.",
        "",
    ]


def brief_table(briefs: Sequence[tuple[Example, Grade]]) -> list[str]:
    lines = [
        "## The planted bug and the reference",
        "",
        f"n = {PUBLISHED_N:,} numbers at each rate; the variance error is Var[y]/Var[x] - 1.",
        "",
        "| layer | verdict | p | measured variance error | standard error | theory | measured/theory - 1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for example, grade in briefs:
        for point in (point for point in grade.curve if point.n == PUBLISHED_N):
            law = example.law(point.x)
            lines.append(
                f"| {grade.submission} | {'pass' if grade.passed else 'fail'} | {point.x:g} "
                f"| {point.measured_error:+.2%} | {point.standard_error:.2%} | {law - 1:+.2%} "
                f"| {point.y / law - 1:+.2%} |"
            )
    return [*lines, ""]


def rates(right: Sequence[Tally], wrong: Sequence[Tally], bound: dict[str, float]) -> list[str]:
    n, m = sum(t.gradings for t in right), sum(t.gradings for t in wrong)
    failed, passed = n - sum(t.passed for t in right), sum(t.passed for t in wrong)
    by_own_name = sum(count for t in wrong for name, count in t.named if name in t.layer.names)
    return [
        "## Error rates",
        "",
        "| | layers | gradings | wrong verdicts | 95 % bound |",
        "|---|---|---|---|---|",
        f"| right layers failed | {len(right)} | {n:,} | {failed} | {_rule_of_three(failed, n)} |",
        f"| wrong layers passed (without the hard ones below) | {len(wrong)} | {m:,} | {passed} "
        f"| {_rule_of_three(passed, m)} |",
        "",
        f"By calculation a right layer fails one grading with probability below {sum(bound.values()):.1e}.",
        f"Wrong layers were named by their own name in {by_own_name:,} of {m:,} gradings.",
        "",
    ]


def _rule_of_three(events: int, n: int) -> str:
    return f"{3 / n:.1e}" if events == 0 else "–"


def bound_table(bound: dict[str, float]) -> list[str]:
    return [
        "## The bound on false failures, by calculation",
        "",
        "Every test of the coins has a share of its stage's budget, and from that its limit, by an inequality that",
        "holds for every number of coins (`grader/exercises/dropout/bounds.py`). So the budgets' sum is the bound.",
        "The scale, the identities and the interface are exact: chance has no part in them.",
        "",
        "| asked so far | P(a right layer fails there) at most |",
        "|---|---|",
        *(f"| {name} | {value:.1e} |" for name, value in bound.items()),
        f"| **one grading** | **{sum(bound.values()):.1e}** |",
        "",
    ]


def deviation_table(deviations: dict[str, tuple[float, ...]], gradings: int) -> list[str]:
    lines = [
        "## The smallest deviation that is found",
        "",
        f"In at least {SURE:.0%} of {gradings} gradings; and how often each size was found. Not looked at: other",
        "processes and threads, clocks, what happens after some hundred layers or calls.",
        "",
        "| deviation | found from | sizes tried: found |",
        "|---|---|---|",
    ]
    for kind, _, sizes in DEVIATIONS:
        sure, *shares = deviations[kind]
        tried = ", ".join(f"{size:g}: {share:.0%}" for size, share in zip(sizes, shares, strict=True))
        lines.append(f"| {kind} | {'–' if math.isnan(sure) else f'{sure:g}'} | {tried} |")
    return [*lines, ""]


TUNED_ON = """\
## Layers by other authors, tuned on

Written from the contract's text by others, to find what the tests did not see; the tests were made anew with them at
hand, so they are no evidence of what will be seen next. Unseen: wrong where one process cannot look."""
NOT_TUNED_ON = """\
## Layers by other authors, looked at last

Written from the contract's text alone, by somebody who had not seen the tests, when these were done. At the first look
all 20 right ones passed 10 of 10, and 39 of the 40 wrong ones failed 10 of 10; the other, at p = 0.5 alone, makes
every eighth coin the parity of the seven before it. No verdict was changed for these. Of 18 more by the same author,
who had then seen which pass, 13 failed 10 of 10; two of the others (a NaN in x, a large mean of x) are now caught.

A second author looked for what passes, in rounds, each with the passes of the one before at hand. Of 216 wrong layers
66 passed each of 12 to 28 gradings, 44 some and 106 none; of 56 right ones, in as many styles, none failed in 16. The
plan asks more since (evaluation of arrays like those of training, the results of a run once more, the published rates
each for itself, scalars of NumPy's, exact counts beyond 10,000): of the first 148 of these wrong layers by name, 47 %
of all gradings passed before and 43 % do now. What passes is wrong above 100,000 numbers or after hundreds of calls,
in few bits of a seed or a rate, by less than the table above can see, or in what calls far apart have in common."""


def foreign_table(found: Sequence[Tally], about: str) -> list[str]:
    lines = [
        about,
        "",
        "| layer | expected | failed | of |",
        "|---|---|---|---|",
    ]
    return [
        *lines,
        *(f"| {t.layer.name} | {t.layer.expected} | {t.gradings - t.passed} | {t.gradings} |" for t in found),
        "",
    ]


def hard_table(hard: Sequence[Tally]) -> list[str]:
    lines = [
        "## Hard ones",
        "",
        "Wrong, but so slightly or so rarely that one grading cannot be sure to see it.",
        "",
        "| layer | caught | of |",
        "|---|---|---|",
    ]
    return [*lines, *(f"| {t.layer.name} | {t.gradings - t.passed} | {t.gradings} |" for t in hard), ""]


def wrong_table(wrong: Sequence[Tally]) -> list[str]:
    lines = ["## Every wrong layer", "", "| layer | gradings | passed | named |", "|---|---|---|---|"]
    for t in wrong:
        names = ", ".join(f"{name}" if count == t.gradings else f"{name} ({count})" for name, count in t.named)
        lines.append(f"| {t.layer.name} | {t.gradings} | {t.passed} | {names} |")
    return [*lines, ""]
