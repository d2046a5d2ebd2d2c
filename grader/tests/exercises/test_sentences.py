"""What the learner is told is true of their code, and the check cell says what the grader says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from grader import Grade, Grader, Settings
from grader.bench.in_process import InProcessBox
from grader.exercises.dropout.known import DRAW, MASK, RESULT, RETURN_X, SCALE, beside, repaired, scaled
from grader.submissions.task import Task
from grader.tests.support.check import run_check, verdict_and_sentence, without_numbers

PRODUCT = "y = x * mask * scale"
KEPT = "is what you keep what should be dropped?"
ASKED = "the contract asks for x's own dtype."


@pytest.fixture(scope="module")
def judge() -> Iterator[Grader]:
    with InProcessBox() as box, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Grader(Settings(execute="none", seed=8), box)


def told_by_check(task: Task, source: str) -> tuple[str, str]:
    _, printed = run_check(task, source)
    verdict, sentence = verdict_and_sentence(printed)
    return verdict.partition(" · ")[2], sentence


def told_by_both(judge: Grader, task: Task, source: str) -> Grade:
    grade = judge.grade_source(source)
    name, sentence = told_by_check(task, source)
    assert name == grade.diagnosis
    assert without_numbers(sentence) == without_numbers(grade.feedback)
    return grade


@pytest.mark.parametrize(
    "source",
    [
        repaired((SCALE, f"half = np.sqrt(keep_prob)\n        {SCALE}")),
        "from numpy import sqrt\n" + repaired(),
        repaired((RETURN_X, "if not self.training:\n            return x + 0 * np.sqrt(1 - self.p)")),
        scaled("1 / np.hypot(keep_prob, 0)"),
        scaled("np.sqrt(keep_prob ** -2)"),
    ],
)
def test_a_root_that_scales_nothing_is_not_applied_twice(judge: Grader, task: Task, source: str) -> None:
    grade = told_by_both(judge, task, source)
    assert grade.diagnosis == "inverted dropout"
    assert "the mean is kept exactly" in grade.feedback


def test_a_factor_of_a_helper_that_is_applied_twice_is(judge: Grader, task: Task) -> None:
    source = "def factor(q):\n    return q ** -0.5\n\n\n" + scaled("factor(keep_prob) * factor(keep_prob)")
    assert told_by_both(judge, task, source).diagnosis == "the right factor, more than once"


def test_the_mean_is_not_kept_where_the_fraction_is_off(judge: Grader, task: Task) -> None:
    grade = told_by_both(judge, task, repaired((f"{DRAW} < keep_prob", f"{DRAW} < keep_prob - 0.05")))
    assert grade.diagnosis == "inverted dropout"
    assert "is kept exactly" not in grade.feedback
    assert "the fraction kept is off too" in grade.feedback


@pytest.mark.parametrize(
    ("mask", "ending"),
    [
        ("self.rng.uniform(size=x.shape) > keep_prob", "look at the direction of the comparison."),
        ("self.rng.choice([False, True], x.shape, p=[1 - self.p, self.p])", KEPT),
        ("self.rng.binomial(1, self.p, x.shape) == 1", KEPT),
        ("1 - (self.rng.random(x.shape) < keep_prob)", KEPT),
    ],
)
def test_only_code_that_compares_is_told_to_look_at_it(judge: Grader, task: Task, mask: str, ending: str) -> None:
    grade = told_by_both(judge, task, beside((MASK, f"mask = {mask}")))
    assert grade.diagnosis == "mask reversed"
    assert grade.feedback.endswith(ending)


def test_numbers_that_are_drawn_elsewhere_are_not_called_normal(judge: Grader, task: Task) -> None:
    source = beside((MASK, "mask = self.rng.random(x.shape) < 0.5 + 0.36 * keep_prob"))  # as many as of normal numbers
    assert told_by_both(judge, task, source).diagnosis == "fraction off"


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        (beside(("x = np.asarray(x)", "x = np.asarray(x, np.float32)")), ASKED),
        (beside((RESULT, "return y.astype(np.float16)")), ASKED),
        (beside(("x = np.asarray(x)", "x = np.float32(x)"), (RESULT, "return y")), ASKED),  # both ways, as it happens
        (beside((RESULT, "return y.astype(np.longdouble)")), ASKED),
        (beside((RESULT, "return mask")), "Is it x that you return, masked and scaled?"),
        (beside((RESULT, "return y.astype(int)")), "Is it x that you return, masked and scaled?"),
        (beside((RESULT, "return x * mask * np.float64(scale)")), "turns float32 into float64."),
    ],
)
def test_the_advice_on_dtypes_fits_the_dtype(judge: Grader, task: Task, source: str, ending: str) -> None:
    grade = told_by_both(judge, task, source)
    assert grade.diagnosis == "dtype"
    assert grade.feedback.endswith(ending)


@pytest.mark.parametrize(
    "source",
    [
        beside((PRODUCT, "y = x * np.nan")),
        beside((PRODUCT, "y = x * np.nan"), (RETURN_X, "if not self.training:\n            return x * np.nan")),
        beside((PRODUCT, "y = np.where(mask, x * scale, np.nan)")),
        scaled("np.sqrt(self.p - 1)"),
        scaled("1 / np.float64(0)"),
    ],
)
def test_what_is_not_finite_is_called_that(judge: Grader, task: Task, source: str) -> None:
    assert told_by_both(judge, task, source).diagnosis == "not finite"


def test_what_is_not_finite_in_evaluation_alone_is_told_of_evaluation(judge: Grader, task: Task) -> None:
    source = beside((RETURN_X, "if not self.training:\n            return x * np.inf"))
    assert told_by_both(judge, task, source).diagnosis == "evaluation is not the identity"


@pytest.mark.parametrize("scale", ["1 / np.sqrt(keep_prob + 1e-8)", "1 / np.sqrt(keep_prob + 1e-12)"])
def test_an_epsilon_shows_in_what_came_back(judge: Grader, task: Task, scale: str) -> None:
    grade = told_by_both(judge, task, scaled(scale))
    assert grade.diagnosis == "p = 0 is not the identity"
    assert "yours: 0.99999" in grade.feedback


@pytest.mark.parametrize(
    ("scale", "name"),
    [("1 + self.p", "scale 1 + p"), ("(1 + 1 / keep_prob) / 2", "halfway to inverted dropout")],
)
def test_the_lessons_proposals_are_known(judge: Grader, task: Task, scale: str, name: str) -> None:
    assert told_by_both(judge, task, scaled(scale)).diagnosis == name


def test_where_nothing_is_left_there_is_no_rest(judge: Grader, task: Task) -> None:
    source = beside((PRODUCT, "y = x * mask * scale if self.p else 0 * x"))
    assert told_by_both(judge, task, source).feedback.endswith("yours: everything was dropped.")


def test_a_half_without_a_power_is_no_matter_of_precedence(judge: Grader, task: Task) -> None:
    source = scaled("0.5 / keep_prob if self.p else 1.0")
    grade = told_by_both(judge, task, source)
    assert grade.diagnosis == "unknown"
    assert "s² · (1-p) = 0.35714 (contract 1)" in grade.feedback


def test_the_law_is_one_of_a_positive_scale(judge: Grader, task: Task) -> None:
    assert told_by_both(judge, task, scaled("-1 / np.sqrt(keep_prob) if self.p else 1.0")).diagnosis == "unknown"


def test_a_line_is_a_number_and_the_sentence_says_whose(judge: Grader) -> None:
    grade = judge.grade_source("\n" + beside((DRAW, "self.rng.random(*x.shape)")))
    assert grade.feedback.endswith(f"It was raised in line {grade.line} of cell 1.")
    assert "random(*x.shape)" in grade.source.splitlines()[grade.line - 1]
    assert not [finding for finding in grade.findings if "line" in finding.measured]
