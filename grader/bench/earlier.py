"""Verdicts beside those of 0.1.0, the version before the plan was drawn over the whole contract, from this history, and
beside what no verdict can do without."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.bench import timing
from grader.bench.graded import ANSWERS
from grader.bench.row import Row, Sizes, at_least, at_most
from grader.bench.timing import RUNNER, in_turns, on_cores
from grader.exercises.dropout import known

COMMIT = "3458fe9"
COUNT = 20  # verdicts of a kind, beyond the first, whose command is taken off
MIX = {"a right answer": 0.25, "the untouched cell": 0.10, "a known mistake": 0.65}  # of a model in training
WORK = "as in training (25 % right, 10 % untouched, 65 % known mistakes)"
MOST = {"a right answer": 1.0, "the untouched cell": 0.35, "a known mistake": 0.35}
LIMIT = "It asks more: every rule on every call, over the contract's whole domain; how much, see the first row."


def verdicts(sizes: Sizes) -> list[Row]:
    """CPU of a verdict, the grader's and its fork server's tree together, the two versions in turns on one core."""
    mistakes = [source for source in ANSWERS if source not in (known.REFERENCE, known.START)]
    sources = dict(zip(MIX, ([known.REFERENCE], [known.START], mistakes), strict=True))
    if not is_known():
        return [Row(WORK, "–", "0.1.0: not in this clone", "–", "≥ 2 ×", False, "git fetch --unshallow brings it.")]
    with tempfile.TemporaryDirectory() as folder, on_cores(1):
        _unpack(folder)
        rows, ours, theirs = [], 0.0, 0.0
        for name, answers in sources.items():
            works = [_work(home, Path(folder, "answers.json"), answers) for home in (timing.ROOT, Path(folder))]
            now, before = in_turns(sizes.commands, *works)
            ratio = now.median / before.median
            rows.append(at_most(f"{name}: CPU", now, f"0.1.0: {before}", ratio, MOST[name], LIMIT))
            ours, theirs = ours + MIX[name] * now.median, theirs + MIX[name] * before.median
    shown = f"{1 / ours:.0f} verdicts a second of CPU", f"0.1.0: {1 / theirs:.0f}"
    return [*rows, at_least(WORK, *shown, theirs / ours, 2, LIMIT)]


def floor(sizes: Sizes) -> list[Row]:
    """CPU of a right verdict beside what no verdict on this plan can do without (``runner.least``), on one core."""
    with tempfile.TemporaryDirectory() as folder, on_cores(1):
        answers = Path(folder, "answers.json")
        verdict, least = _work(timing.ROOT, answers, [known.REFERENCE]), _beyond_the_first(lambda n: _least(answers, n))
        now, bare = in_turns(sizes.commands, verdict, least)
    limit = (
        "Walls and pipes, a plan drawn afresh, and the tests of the coins, each of which a wrong layer passed without."
    )
    return [at_most("a right answer: CPU", now, f"fork, calls, one pass: {bare}", now.median / bare.median, 2, limit)]


def is_known() -> bool:
    """Does the history reach so far?"""
    return not subprocess.run(["git", "-C", timing.ROOT, "cat-file", "-e", COMMIT], capture_output=True).returncode


def _unpack(folder: str) -> None:
    archive = subprocess.run(["git", "-C", timing.ROOT, "archive", COMMIT], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def _work(home: Path, file: Path, answers: list[str]) -> Callable[[], float]:
    """CPU seconds of one verdict by the version that lies there."""

    def used(count: int) -> float:
        file.write_text(json.dumps([answers[number % len(answers)] for number in range(count)]), encoding="utf-8")
        return timing.command("env", f"PYTHONPATH={home}", timing.PYTHON, "-P", RUNNER, "graded", file).cpu_s

    return _beyond_the_first(used)


def _least(answers: Path, count: int) -> float:
    return timing.command(timing.PYTHON, "-P", RUNNER, "floor", answers, str(count)).cpu_s


def _beyond_the_first(used: Callable[[int], float]) -> Callable[[], float]:
    return lambda: (used(1 + COUNT) - used(1)) / COUNT
