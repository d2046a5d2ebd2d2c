"""What rollouts say about a level: intervals that hold the truth, and no level praised for the wrong reason."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import combinations

import pytest

from grader.rl.calibrate import (
    BAND,
    IN_BAND,
    NOT_ENOUGH,
    TOO_EASY,
    TOO_HARD,
    Calibration,
    Rollout,
    calibrate,
    design_effect,
    interval,
    mixed,
    pass_at,
    student,
    wilson,
)

Policy = Callable[[random.Random], float]  # draws a task: how often this policy solves it
POLICIES: dict[str, tuple[Policy, float]] = {
    "the same on every task": (lambda r: 0.25, 0.25),
    "half of the tasks never": (lambda r: r.choice((0.0, 0.5)), 0.25),
    "any rate, mostly low": (lambda r: r.betavariate(0.75, 2.25), 0.25),
    "all or nothing": (lambda r: float(r.random() < 0.25), 0.25),
    "hard": (lambda r: r.betavariate(1.0, 9.0), 0.10),
    "easy": (lambda r: r.betavariate(6.0, 4.0), 0.60),
}


def rollouts(policy: Policy, seed: int, tasks: int, each: int) -> list[Rollout]:
    """A scripted policy's: its rate on each task is known, and so is the mean over all tasks that may be drawn."""
    r = random.Random(seed)
    rates = [policy(r) for _ in range(tasks)]
    return [
        Rollout("scripted", ("L1", 0, index), float(r.random() < rate))
        for index, rate in enumerate(rates)
        for _ in range(each)
    ]


@pytest.mark.parametrize("name", POLICIES)
def test_the_interval_holds_the_truth_in_93_to_97_of_100_calibrations(name: str) -> None:
    """Ten times 400 calibrations of 50 tasks: of 400 alone, the share would be off by a hundredth by luck."""
    policy, truth = POLICIES[name]
    r, held = random.Random(name), 0
    for _ in range(4000):
        rates = [policy(r) for _ in range(50)]
        low, high = interval([(sum(r.random() < rate for _ in range(8)), 8) for rate in rates])
        held += low <= truth <= high
    assert 0.93 <= held / 4000 <= 0.97


@pytest.mark.parametrize("name", POLICIES)
def test_a_scripted_policys_rate_is_found(name: str) -> None:
    policy, truth = POLICIES[name]
    found = [calibrate(rollouts(policy, seed, tasks=50, each=8))[0] for seed in range(100)]
    assert sum(each.rate for each in found) / 100 == pytest.approx(truth, abs=0.02)
    assert all(each.low <= each.rate <= each.high for each in found)


def test_rollouts_taken_for_tasks_would_be_too_sure_of_themselves() -> None:
    """Why it is not the plain interval: of all-or-nothing tasks, eight rollouts say what one says."""
    policy, truth = POLICIES["all or nothing"]
    held = 0
    for seed in range(400):
        found = calibrate(rollouts(policy, seed, tasks=50, each=8))[0]
        low, high = wilson(found.rate, found.rollouts, 1.96)
        held += low <= truth <= high
    assert held / 400 < 0.65


def test_all_or_nothing_tasks_have_no_gradient_whatever_their_mean() -> None:
    found = calibrate(rollouts(POLICIES["all or nothing"][0], 1, tasks=50, each=8))[0]
    assert found.mixed == 0.0
    assert found.verdict == IN_BAND
    even = calibrate(rollouts(POLICIES["the same on every task"][0], 1, tasks=200, each=8))[0]
    assert even.mixed == pytest.approx(1 - 0.75**8 - 0.25**8, abs=0.05)


def test_pass_at_k_and_mixed_are_means_over_every_choice_of_rollouts() -> None:
    counts = [(3, 9), (0, 8), (10, 10), (1, 2)]
    for k in (1, 2, 8):
        chosen = [[1] * c + [0] * (n - c) for c, n in counts if n >= k]
        groups = [list(combinations(each, k)) for each in chosen]
        any_right = [sum(map(any, group)) / len(group) for group in groups]
        both = [sum(any(g) and not all(g) for g in group) / len(group) for group in groups]
        assert pass_at(k, counts) == pytest.approx(sum(any_right) / len(groups))
        assert mixed(counts, k) == pytest.approx(sum(both) / len(groups))
    assert math.isnan(pass_at(11, counts))


def test_what_the_grader_failed_on_is_in_no_rate() -> None:
    judged = [Rollout("m", ("L1", 0, n), float(n % 4 == 0), "" if n % 4 == 0 else "no scale") for n in range(120)]
    masked = [Rollout("m", ("L1", 0, n), None, "grader error") for n in range(60)]
    with_masked, without = calibrate([*judged, *masked])[0], calibrate(judged)[0]
    assert (with_masked.masked, without.masked) == (60, 0)
    assert with_masked.rate == without.rate == 0.25
    assert (with_masked.low, with_masked.high) == (without.low, without.high)
    assert with_masked.mistakes == (("no scale", 90),)


def test_models_and_levels_are_kept_apart() -> None:
    rows = [
        Rollout(model, (level, 0, n), float(level == "L0")) for model in "ab" for level in ("L0", "L3") for n in (1, 2)
    ]
    found = {(each.model, each.level): each.rate for each in calibrate(rows)}
    assert found == {("a", "L0"): 1.0, ("a", "L3"): 0.0, ("b", "L0"): 1.0, ("b", "L3"): 0.0}


@pytest.mark.parametrize(
    ("right", "of", "verdict", "sure"),
    [
        (12, 99, NOT_ENOUGH, False),
        (0, 100, TOO_HARD, True),
        (3, 100, TOO_HARD, True),
        (25, 100, IN_BAND, True),
        (38, 100, IN_BAND, False),
        (41, 100, TOO_EASY, False),
        (60, 100, TOO_EASY, True),
        (100, 100, TOO_EASY, True),
    ],
)
def test_a_level_is_judged_by_its_rate_and_only_from_a_hundred_rollouts_on(
    right: int, of: int, verdict: str, sure: bool
) -> None:
    found = calibrate(Rollout("m", ("L1", 0, n), float(n < right)) for n in range(of))[0]
    assert (found.verdict, found.sure) == (verdict, sure)
    assert found.low <= found.rate <= found.high


def test_no_task_or_one_says_nothing_about_tasks() -> None:
    assert interval([]) == interval([(5, 8)]) == (0.0, 1.0)
    (nothing,) = calibrate([Rollout("m", ("L1", 0, 0), None)])
    assert nothing.verdict == NOT_ENOUGH
    assert math.isnan(nothing.rate)
    assert isinstance(nothing, Calibration)


def test_the_design_effect_is_one_for_single_rollouts_and_the_size_of_tasks_that_are_all_or_nothing() -> None:
    single = [(1, 1)] * 100 + [(0, 1)] * 300
    assert design_effect(single) == pytest.approx(400 / 399)
    assert design_effect([(8, 8)] * 100 + [(0, 8)] * 300) == pytest.approx(8 * 400 / 399)
    assert design_effect([(0, 8)] * 10) == 8.0
    assert interval([(0, 8)] * 16)[1] > BAND[0], "sixteen tasks that failed are not 128"


@pytest.mark.parametrize(("degrees", "tabulated"), [(2, 4.303), (6, 2.447), (15, 2.131), (49, 2.010), (1000, 1.962)])
def test_students_quantile_is_that_of_the_tables(degrees: int, tabulated: float) -> None:
    assert student(degrees) == pytest.approx(tabulated, rel=0.04 if degrees < 6 else 0.001)
