"""How sure the verdict is, measured: ``python -m grader measure`` writes TESTING_RESULTS.md and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.api import Grader
from grader.bench import results
from grader.bench.corpus import by_others, corpus
from grader.bench.tally import in_parallel, smallest, tallies
from grader.exercises.dropout.checks import STAGES
from grader.exercises.dropout.coins import BUDGETS
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.exercises.interface import Example
from grader.judging.demo import graded_examples
from grader.result import Grade
from grader.settings import Settings

OTHERS = by_others("foreign"), by_others("blind")
KNOWN = {source for sources in EXAMPLES.values() for source in sources}


@dataclass(frozen=True)
class Results:
    """What must be zero, by name, and the Grades of the planted bug and the reference with their measurements."""

    wrong: dict[str, int]
    brief: tuple[Grade, ...]


def write_results(out: Path, total: int, jobs: int, seed: int) -> Results:
    """Measure, and write ``TESTING_RESULTS.md``."""
    briefs = brief(seed)
    found = tallies(corpus(), total, jobs, seed)
    few = max(1, min(20, total))
    tuned, blind = (in_parallel(layers, [few] * len(layers), jobs, seed + 50_000_000) for layers in OTHERS)
    deviations = smallest(max(2, min(100, total // 10)), jobs, seed + 70_000_000)
    bound = dict(zip(STAGES, BUDGETS, strict=True))
    right = [t for t in found if t.layer.right]
    wrong = [t for t in found if not t.layer.right and not t.layer.hard]
    hard = [t for t in found if t.layer.hard]
    misnamed = [t for t in wrong if t.layer.source in KNOWN and not t.layer.names.issuperset(dict(t.named))]
    out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(
        [
            *results.head(seed),
            *results.brief_table(briefs),
            *results.rates(right, wrong, bound),
            *results.bound_table(bound),
            *results.deviation_table(deviations, max(2, min(100, total // 10))),
            *results.foreign_table(tuned, results.TUNED_ON),
            *results.foreign_table(blind, results.NOT_TUNED_ON),
            *results.hard_table(hard),
            *results.wrong_table(wrong),
        ]
    )
    (out / "TESTING_RESULTS.md").write_text(text + "\n", encoding="utf-8")
    wrong_counts = {
        "right layers failed": sum(t.gradings - t.passed for t in right),
        "wrong layers passed": sum(t.passed for t in wrong),
        "known mistakes under another name": len(misnamed),
    }
    return Results(wrong_counts, tuple(grade for _, grade in briefs))


def brief(seed: int) -> list[tuple[Example, Grade]]:
    """The planted bug and the reference, graded and measured."""
    with Grader(Settings(execute="none", seed=seed)) as grader:
        return list(graded_examples(grader, seed))
