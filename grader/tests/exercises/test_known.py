"""Every known mistake is failed and named by its own name, by the grader and by the notebook's check."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from grader import Grade, Grader, Settings
from grader.bench.in_process import InProcessBox
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import BY_NAME, EXAMPLES, PARTLY
from grader.result import Outcome, Status
from grader.submissions.task import Task
from grader.tests.support.check import run_check, verdict_and_sentence, without_numbers

CASES = [
    pytest.param(name, source, id=f"{name} {number}")
    for name, sources in EXAMPLES.items()
    for number, source in enumerate(sources)
]
# Right at the published rates, wrong elsewhere: the visible check cannot see it, the grader must.
ONLY_AT_FRESH_RATES = {("scale does not follow p", 3), ("scale does not follow p", 4), ("fraction off", 1)}


@pytest.fixture(scope="module")
def graded(grader: Grader) -> Callable[[str], Grade]:
    """Each source once."""
    return cache(grader.grade_source)


@pytest.mark.parametrize(("name", "source"), CASES)
def test_a_known_mistake_fails_under_its_own_name(graded: Callable[[str], Grade], name: str, source: str) -> None:
    grade = graded(source)
    assert grade.status is Status.GRADED
    assert not grade.passed
    assert grade.diagnosis == name
    assert any(finding.outcome is Outcome.FAILED for finding in grade.findings)


@pytest.mark.parametrize("seed", [1061, 1367, 1478])
def test_a_repeated_mask_is_not_taken_for_one_that_follows_x(seed: int) -> None:
    # at these seeds chance lies at 2 to 3 standard errors in every call at once, because all have the same mask
    with Grader(Settings(execute="none", seed=seed)) as grader:
        assert grader.grade_source(EXAMPLES["masks repeat"][0]).diagnosis == "masks repeat"


def test_a_drift_with_position_is_not_taken_for_masks_that_repeat(grader: Grader) -> None:
    # it relates all calls with one another, and more than in the known mistake
    source = EXAMPLES["fraction depends on position"][0].replace("0.1 *", "0.16 *")
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


def test_a_first_call_that_drops_all_of_its_eight_numbers_by_chance_costs_nothing() -> None:
    with Grader(Settings(execute="none", seed=47_097)) as opened:  # as once in 15,000
        assert opened.grade_source(known.REFERENCE).passed


LUCKY = """
class VarianceStabilizedDropout:
    short, chosen, fate = 0, {chosen}, {fate}

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = self.rng.random(x.shape) >= self.p
        if 0 < x.size <= 8 and 0.2 < self.p < 0.8:
            layers = VarianceStabilizedDropout
            layers.short += 1
            if layers.short == layers.chosen:
                mask[...] = layers.fate
        return np.where(mask, x * (1 - self.p) ** -0.5, 0).astype(x.dtype)

    __call__ = forward
"""


@pytest.mark.slow
@pytest.mark.parametrize("fate", [False, True])
def test_no_short_call_that_drops_or_keeps_all_costs_a_right_layer_its_verdict(fate: bool) -> None:
    """Each is improbable by itself; there are hundreds in every grading."""
    with InProcessBox() as box:
        judge = Grader(Settings(execute="none", seed=1), box)
        for chosen in range(1, 300, 6):
            assert judge.grade_source(LUCKY.format(chosen=chosen, fate=fate)).passed, chosen


def test_the_untouched_cell_is_told_apart(grader: Grader) -> None:
    grade = grader.grade_source(known.START)
    assert (grade.status, grade.passed, grade.reward) == (Status.NOT_ATTEMPTED, False, 0.0)
    assert grade.worst_error == pytest.approx(7 / 3)


def test_start_is_the_notebooks_own_cell(task: Task) -> None:
    assert task.start.rstrip("\n") == known.START.rstrip("\n")


def test_every_diagnosis_has_a_known_case_or_a_reason() -> None:
    elsewhere = {"correct", "not attempted", "unknown", PARTLY.name}
    assert set(BY_NAME) - elsewhere == set(EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "source"), CASES)
def test_the_visible_check_names_it_in_the_same_words(
    task: Task, graded: Callable[[str], Grade], name: str, source: str, request: pytest.FixtureRequest
) -> None:
    number = int(request.node.callspec.id.rpartition(" ")[2])
    score, printed = run_check(task, source)
    verdict, sentence = verdict_and_sentence(printed)
    if (name, number) in ONLY_AT_FRESH_RATES:
        assert verdict != f"fail · {name}"
        return
    assert (score, verdict) == (0, f"fail · {name}")
    assert without_numbers(sentence) == without_numbers(graded(source).feedback)


def test_the_visible_check_passes_the_reference(task: Task) -> None:
    score, printed = run_check(task, known.REFERENCE)
    assert score == 10
    assert printed.startswith("pass · correct\n")


@pytest.mark.parametrize("source", ["class VarianceStabilizedDropout: pass", "VarianceStabilizedDropout = None"])
def test_the_visible_check_reports_and_never_raises(task: Task, source: str) -> None:
    score, printed = run_check(task, source)
    assert score == 0
    assert "fail · interface" in printed


def test_the_mistakes_are_not_sent_to_the_machine_that_runs_submissions() -> None:
    for child in ("zygote.py", "worker.py", "kernel.py", "lockdown.py", "absent.py"):
        source = (Path(known.__file__).parents[2] / "sandbox" / "inside" / child).read_text(encoding="utf-8")
        assert "known." not in source
        assert "import known" not in source
        assert "mistakes" not in source
        assert "exercise" not in source
