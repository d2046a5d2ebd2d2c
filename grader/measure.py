"""How sure the verdict is, measured: ``python -m grader measure`` writes TESTING_RESULTS.md and its figures.

Layers of the corpus are our own code: they are judged in this process, without a child for each, so that thousands of
gradings take minutes. Everything else is the grader as it is.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercise import bounds, known, probes, theory
from grader.grading import CURVE_N, Grader
from grader.result import Grade
from grader.sandbox import worker
from grader.sandbox.box import Box
from grader.sandbox.frames import Answer, Ended, Program, read_reply
from grader.settings import Settings

CORPUS = Path(__file__).parent / "tests" / "solutions"
BRIEF_N = 4_000_000
KNOWN = {source for sources in known.MISTAKES.values() for source in sources}


class OwnCodeBox(Box):
    """Runs our own layers in this process. Never for a submission."""

    def __init__(self) -> None:
        super().__init__("none", timeout_s=60.0, memory_mib=4096)

    def run(self, program: Program) -> Answer:
        np.random.seed(program.seed % 2**32)  # noqa: NPY002 (the state that layers draw from)
        random.seed(program.seed)
        hushed, main = io.StringIO(), sys.modules["__main__"]
        with (
            contextlib.ExitStack() as stack,
            contextlib.redirect_stdout(hushed),
            contextlib.redirect_stderr(hushed),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            stack.callback(sys.modules.__setitem__, "__main__", main)
            try:
                answer = worker.run_source(program.source)
            except BaseException as error:
                return Answer(Ended.DONE, _reply(worker.RAISED, worker.describe(error)), (), "")
            objects: dict[int, Any] = {}
            latest = worker.Latest()
            arrays = list(program.arrays)
            replies = []
            for operation in json.loads(json.dumps(program.operations)):
                replies.append(_reply(*worker.perform(operation, answer, objects, arrays, latest)))
        return Answer(Ended.DONE, None, tuple(replies), "")


def _reply(kind: int, *parts: bytes) -> Any:
    return read_reply(kind, memoryview(b"".join(parts)))


@dataclass(frozen=True)
class Layer:
    """One layer of the corpus: its expected diagnosis, "status …", or "hard" with the rate at which it is caught."""

    name: str
    source: str
    expected: str

    @property
    def right(self) -> bool:
        return self.expected == "correct"

    @property
    def hard(self) -> bool:
        return self.expected.startswith("hard")


@dataclass(frozen=True)
class Tally:
    """What many gradings of one layer gave."""

    layer: Layer
    gradings: int
    passed: int
    named: tuple[tuple[str, int], ...]


def corpus() -> list[Layer]:
    """Every known mistake, and where the repository is at hand the files of ``tests/solutions``."""
    layers = [Layer("reference", known.REFERENCE, "correct")]
    for name, sources in known.MISTAKES.items():
        layers += [Layer(f"{name} {number}", source, name) for number, source in enumerate(sources, 1)]
    for path in sorted(CORPUS.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        layers.append(Layer(path.stem, source, source.partition("\n")[0].removeprefix("# expected: ").strip()))
    return layers


def tally(layer: Layer, gradings: int, first_seed: int) -> Tally:
    """Grade one layer many times, each time with another seed."""
    passed, named = 0, Counter[str]()
    with OwnCodeBox() as box:
        grader = Grader(Settings(execute="none"), box)
        for seed in range(first_seed, first_seed + gradings):
            grader.settings = replace(grader.settings, seed=seed)
            grade = grader.grade_source(layer.source)
            passed += grade.passed
            named[f"status {grade.status}" if layer.expected.startswith("status") else grade.diagnosis] += 1
    return Tally(layer, gradings, passed, tuple(named.most_common()))


def tallies(layers: Iterable[Layer], total: int, jobs: int, seed: int) -> list[Tally]:
    """About ``total`` gradings of right layers and as many of wrong ones, evenly; 200 of each hard one."""
    layers = [layer for layer in layers if not layer.expected.startswith("status")]
    rights = sum(layer.right for layer in layers)
    wrongs = sum(not layer.right and not layer.hard for layer in layers)
    each = {True: -(-total // rights), False: -(-total // wrongs)}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        waiting = [
            pool.submit(tally, layer, min(200, total) if layer.hard else each[layer.right], seed + 100_000 * number)
            for number, layer in enumerate(layers)
        ]
        return [future.result() for future in waiting]


# --- the report ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Results:
    """What must be zero, by name, and the Grades of the planted bug and the reference with their measurements."""

    wrong: dict[str, int]
    brief: tuple[Grade, ...]


def write_results(out: Path, total: int, jobs: int, seed: int) -> Results:
    """Measure, and write ``TESTING_RESULTS.md``."""
    briefs = brief(seed)
    found = tallies(corpus(), total, jobs, seed)
    bound = bounds.false_failure(probes.draw_inputs("normal", np.random.default_rng(seed), probes.LARGE_N))
    right = [t for t in found if t.layer.right]
    wrong = [t for t in found if not t.layer.right and not t.layer.hard]
    hard = [t for t in found if t.layer.hard]
    misnamed = [t for t in wrong if t.layer.source in KNOWN and set(dict(t.named)) != {t.layer.expected}]
    out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(
        [
            *_head(seed),
            *_brief_table(briefs),
            *_rates(right, wrong, bound),
            *_bound_table(bound),
            *_hard_table(hard),
            *_wrong_table(wrong),
        ]
    )
    (out / "TESTING_RESULTS.md").write_text(text + "\n", encoding="utf-8")
    wrong_counts = {
        "right layers failed": sum(t.gradings - t.passed for t in right),
        "wrong layers passed": sum(t.passed for t in wrong),
        "known mistakes under another name": len(misnamed),
    }
    return Results(wrong_counts, briefs)


def brief(seed: int) -> tuple[Grade, Grade]:
    """The planted bug and the reference, graded, with ``curve``: BRIEF_N numbers at each published rate, and fewer
    at the rates between them."""
    settings = Settings(execute="none", seed=seed)
    with Grader(settings) as grader:
        between = [p for p in probes.CURVE_RATES if p not in settings.rates]

        def measured(name: str, source: str) -> Grade:
            curve = grader.measure(source, seed, settings.rates, BRIEF_N)
            curve += grader.measure(source, seed + 1, between, CURVE_N)
            ordered = tuple(sorted(curve, key=lambda m: m.p))
            return replace(grader.grade_source(source), submission=name, curve=ordered)

        return measured("planted bug", known.START), measured("reference", known.REFERENCE)


def _head(seed: int) -> list[str]:
    return [
        "# Testing results",
        "",
        f"Written by `python -m grader measure --seed {seed}` with Python {platform.python_version()}, numpy "
        f"{np.__version__}, {os.cpu_count()} cores.",
        "",
    ]


def _brief_table(briefs: Sequence[Grade]) -> list[str]:
    lines = [
        "## The planted bug and the reference",
        "",
        f"n = {BRIEF_N:,} numbers at each rate; the variance error is Var[y]/Var[x] - 1.",
        "",
        "| layer | verdict | p | measured variance error | standard error | theory | measured/theory - 1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for grade in briefs:
        scale = theory.stable_scale if grade.passed else theory.inverted_scale
        for m in (m for m in grade.curve if m.n == BRIEF_N):
            law = theory.variance_ratio(m.p, scale(m.p))
            lines.append(
                f"| {grade.submission} | {'pass' if grade.passed else 'fail'} | {m.p:g} | {m.measured_error:+.2%} "
                f"| {m.standard_error:.2%} | {law - 1:+.2%} | {m.variance_ratio / law - 1:+.2%} |"
            )
    return [*lines, ""]


def _rates(right: Sequence[Tally], wrong: Sequence[Tally], bound: dict[str, float]) -> list[str]:
    n, m = sum(t.gradings for t in right), sum(t.gradings for t in wrong)
    failed, passed = n - sum(t.passed for t in right), sum(t.passed for t in wrong)
    by_own_name = sum(dict(t.named).get(t.layer.expected, 0) for t in wrong)
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


def _bound_table(bound: dict[str, float]) -> list[str]:
    return [
        "## The bound on false failures, by calculation",
        "",
        "Chernoff's inequality with exact moment generating functions, test by test, at the rates where the tails are",
        "heaviest (`grader/exercise/bounds.py` derives it); they add up, because one failing test fails the layer.",
        "The scale, the identities and the interface are exact: chance has no part in them.",
        "",
        "| test of one grading | P(a right layer fails it) at most |",
        "|---|---|",
        *(f"| {name} | {value:.1e} |" for name, value in bound.items()),
        f"| **all together** | **{sum(bound.values()):.1e}** |",
        "",
    ]


def _hard_table(hard: Sequence[Tally]) -> list[str]:
    lines = [
        "## Hard ones",
        "",
        "Wrong, but so slightly or so rarely that one grading cannot be sure to see it.",
        "",
        "| layer | caught | of |",
        "|---|---|---|",
    ]
    return [*lines, *(f"| {t.layer.name} | {t.gradings - t.passed} | {t.gradings} |" for t in hard), ""]


def _wrong_table(wrong: Sequence[Tally]) -> list[str]:
    lines = ["## Every wrong layer", "", "| layer | gradings | passed | named |", "|---|---|---|---|"]
    for t in wrong:
        names = ", ".join(f"{name}" if count == t.gradings else f"{name} ({count})" for name, count in t.named)
        lines.append(f"| {t.layer.name} | {t.gradings} | {t.passed} | {names} |")
    return [*lines, ""]
