"""Every known mistake is failed and named by its own name, by the grader and by the notebook's check."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import sys
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

from grader import Grader, Settings
from grader.exercise import known
from grader.exercise.diagnosis import SENTENCES
from grader.result import Outcome, Status
from grader.task import Task

CASES = [
    pytest.param(name, source, id=f"{name} {number}")
    for name, sources in known.MISTAKES.items()
    for number, source in enumerate(sources)
]
# Right at the published rates, wrong elsewhere: the visible check cannot see it, the grader must.
ONLY_AT_FRESH_RATES = {("scale does not follow p", 3), ("scale does not follow p", 4), ("fraction off", 1)}


@pytest.mark.parametrize(("name", "source"), CASES)
def test_a_known_mistake_fails_under_its_own_name(grader: Grader, name: str, source: str) -> None:
    grade = grader.grade_source(source)
    assert grade.status is Status.GRADED
    assert not grade.passed
    assert grade.diagnosis == name
    assert any(finding.outcome is Outcome.FAILED for finding in grade.findings)


@pytest.mark.parametrize("seed", [1061, 1367, 1478])
def test_a_repeated_mask_is_not_taken_for_one_that_follows_x(seed: int) -> None:
    # at these seeds chance lies at 2 to 3 standard errors in every call at once, because all have the same mask
    with Grader(Settings(execute="none", seed=seed)) as grader:
        assert grader.grade_source(known.MISTAKES["masks repeat"][0]).diagnosis == "masks repeat"


def test_a_drift_with_position_is_not_taken_for_masks_that_repeat(grader: Grader) -> None:
    # it relates all calls with one another, and more than in the known mistake
    source = known.MISTAKES["fraction depends on position"][0].replace("0.1 *", "0.16 *")
    assert grader.grade_source(source).diagnosis == "fraction depends on position"


@pytest.mark.parametrize(
    "source",
    [
        known.REFERENCE,
        known.repaired(("scale = 1.0 / keep_prob", "scale = keep_prob**-0.5")),
        known.repaired(("scale = 1.0 / keep_prob", "scale = float(np.exp(-0.5 * np.log(keep_prob)))")),
    ],
)
def test_a_right_layer_passes_every_time(grader: Grader, source: str) -> None:
    grades = [grader.grade_source(source) for _ in range(10)]
    assert [(grade.passed, grade.diagnosis) for grade in grades] == [(True, "correct")] * 10


def test_the_untouched_cell_is_told_apart(grader: Grader) -> None:
    grade = grader.grade_source(known.START)
    assert (grade.status, grade.passed, grade.reward) == (Status.NOT_ATTEMPTED, False, 0.0)
    assert grade.worst_variance_error == pytest.approx(7 / 3)


def test_start_is_the_notebooks_own_cell(task: Task) -> None:
    assert task.start.rstrip("\n") == known.START.rstrip("\n")


def test_every_diagnosis_has_a_known_case_or_a_reason() -> None:
    elsewhere = {"correct", "not attempted", "unknown", "not finite"}
    assert set(SENTENCES) - elsewhere == set(known.MISTAKES)


def run_check(task: Task, source: str) -> tuple[int, str]:
    """The notebook's check cell on an implementation, in this process: these layers are our own."""
    (check,) = task.checks
    module = types.ModuleType("lesson")
    module.__dict__["np"] = np
    sys.modules["lesson"] = module
    linecache.cache["<implementation>"] = (len(source), None, source.splitlines(keepends=True), "<implementation>")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "<implementation>", "exec"), module.__dict__)
        exec(compile(check.source, "<check>", "exec"), module.__dict__)
    return module.__dict__["score"], printed.getvalue()


@pytest.mark.parametrize(("name", "source"), CASES)
def test_the_visible_check_names_it_in_the_same_words(
    task: Task, grader: Grader, name: str, source: str, request: pytest.FixtureRequest
) -> None:
    number = int(request.node.callspec.id.rpartition(" ")[2])
    score, printed = run_check(task, source)
    verdict, _, sentence = printed.rpartition("\n\n")[2].rstrip("\n").partition("\n")
    if (name, number) in ONLY_AT_FRESH_RATES:
        assert verdict != f"NOT YET · {name}"
        return
    assert (score, verdict) == (0, f"NOT YET · {name}")
    assert without_numbers(" ".join(sentence.split())) == without_numbers(grader.grade_source(source).feedback)


def test_the_visible_check_passes_the_reference(task: Task) -> None:
    score, printed = run_check(task, known.REFERENCE)
    assert score == 10
    assert "PASS · correct" in printed


@pytest.mark.parametrize("source", ["class VarianceStabilizedDropout: pass", "VarianceStabilizedDropout = None"])
def test_the_visible_check_reports_and_never_raises(task: Task, source: str) -> None:
    score, printed = run_check(task, source)
    assert score == 0
    assert "NOT YET · interface" in printed


def without_numbers(sentence: str) -> str:
    """What the sentence says; the two looks at the layer measure on different arrays."""
    sentence = re.sub(r"(raised \w+): .*", r"\1", sentence)  # numpy's own words depend on the array's shape
    sentence = re.sub(r" \(line \d+ of the answer\)", "", sentence)
    return re.sub(r"\([^()]*(\([^()]*\))?[^()]*\)|-?[\d.,]+%?|\b\d-d\b|float\d+", "#", sentence)


def test_the_mistakes_are_not_sent_to_the_machine_that_runs_submissions() -> None:
    for child in ("zygote.py", "worker.py", "kernel.py", "lockdown.py", "absent.py"):
        source = (Path(known.__file__).parents[1] / "sandbox" / child).read_text(encoding="utf-8")
        assert "known." not in source
        assert "import known" not in source
        assert "exercise" not in source
