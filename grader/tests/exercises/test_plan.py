"""The drawn plan: the whole domain, in stages, and nothing in it that a right layer could fail by."""

from __future__ import annotations

import json
import math
import random
from collections import Counter

import numpy as np
import pytest

from grader.exercises.dropout import decks, drawn
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.plan import Seeds, Stage
from grader.sandbox.inside.handed import take

RATES = (0.3, 0.5, 0.7)


@pytest.fixture(scope="module")
def plans() -> list[list[Stage]]:
    return [list(stages(seed, RATES, ("normal",))) for seed in range(12)]


def test_one_seed_gives_one_plan() -> None:
    one, two, other = (list(stages(seed, RATES, ("normal",))) for seed in (1, 1, 2))
    assert [stage.operations for stage in one] == [stage.operations for stage in two]
    for first, second in zip(one, two, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(first.arrays, second.arrays, strict=True))
    assert one[4].operations != other[4].operations


def test_what_is_public_is_the_same_for_everybody_but_for_the_layers_seeds(plans: list[list[Stage]]) -> None:
    for stage in (0, 1, 2):
        views = {tuple(call.view for call in plan[stage].calls) for plan in plans}
        rates = {tuple(call.p for call in plan[stage].calls) for plan in plans}
        assert len(views) == len(rates) == 1
    assert all([stage.public for stage in plan] == [True, True, True, False, False] for plan in plans)


def test_the_small_stage_is_small(plans: list[list[Stage]]) -> None:
    for plan in plans:
        calls = plan[3].calls
        assert 20 <= len(calls) <= 45
        assert sum(math.prod(call.view.seen) for call in calls) <= 40_000


@pytest.mark.parametrize("dims", [1, 2, 3, 4])
def test_a_large_array_is_as_large_as_it_is_meant_to_be(dims: int) -> None:
    """Rounding its last length down would halve some, and what goes wrong in large ones only would be missed."""
    dealer = decks.Dealer(random.Random(5), (0.3,), 0, drawn.LARGEST)
    sizes = [math.prod(dealer.shape(dims, 80_000)) for _ in range(500)]
    assert 0.94 * 80_000 <= min(sizes) <= max(sizes) <= 1.12 * 80_000


def test_no_two_layers_share_a_stream(plans: list[list[Stage]]) -> None:
    for plan in plans:
        seeds: Counter[int] = Counter()
        shared: set[int] = set()
        for operation in (operation for stage in plan for operation in stage.operations):
            if operation[0] != "new":
                continue
            for value in [*operation[3][1:], *(v for k, v in operation[4].items() if k == "rng")]:
                if isinstance(value, dict):  # a Generator may belong to several: they draw from it by turns
                    shared.add(value["generator"])
                elif value is not None:
                    seeds[value] += 1
        assert max(seeds.values()) == 1
        assert not shared & set(seeds)
    with pytest.raises(ValueError, match="share the stream"):
        seeds_of_a_plan = Seeds(np.random.default_rng(0))
        seeds_of_a_plan.take(seeds_of_a_plan.draw())


def test_every_coordinate_has_its_share_in_every_grading(plans: list[list[Stage]]) -> None:
    for plan in plans:
        calls = plan[4].calls
        training = [call for call in calls if call.training and call.p > 0]
        assert {len(call.view.seen) for call in training} == {1, 2, 3, 4}
        assert {call.view.dtype for call in training} == {"<f8", "<f4"}
        labels = {label for call in training for label in call.labels}
        for layout in decks.LAYOUTS:
            assert ("layout", layout) in labels
        for dims in (1, 2, 3, 4):
            large = [call for call in training if len(call.view.seen) == dims and 0.28 <= call.p <= 0.72]
            assert max(math.prod(call.view.seen) for call in large) >= 8_000
            for identity in (lambda call: not call.training, lambda call: call.p == 0):
                assert any(identity(call) and len(call.view.seen) == dims for call in calls)
        assert any(math.prod(call.view.seen) >= 20_000 for call in calls if not call.training)
        assert any("special" in dict(label for label in call.labels if len(label) == 2).values() for call in calls)
        lives = Counter[int]()
        for call in calls:
            lives[call.layer] += call.view.seen[0] if plan[4].operations[call.operation][0] == "run" else 1
        assert max(lives.values()) > 256, "a counter may be a byte"
        assert any(call.view.repeat for call in calls)
        earlier = {name for call in calls if call.earlier for name in call.earlier}
        assert earlier == {"again", "filled", "result"}
        assert any(0 in call.view.seen for call in calls)


def test_few_layers_are_alive_at_a_time(plans: list[list[Stage]]) -> None:
    for plan in plans:
        alive: set[int] = set()
        for operation in plan[4].operations:
            if operation[0] == "new":
                alive.add(operation[1])
            if operation[0] == "drop":
                alive.discard(operation[1])
            assert len(alive) <= drawn.ALIVE
        assert not alive


def test_the_child_makes_the_same_arrays_as_the_grader(plans: list[list[Stage]]) -> None:
    arrays = [array for stage in plans[0] for array in stage.arrays]
    for call in (call for stage in plans[0] for call in stage.calls):
        here, there = call.view.of(arrays), take(arrays, json.loads(json.dumps(call.view)))
        assert here.shape == there.shape == call.view.seen
        assert here.dtype == there.dtype == call.view.dtype
        assert here.strides == there.strides
        assert here.flags.writeable == there.flags.writeable == (not (call.view.locked or call.view.repeat))
        assert np.array_equal(here, there, equal_nan=True)


def test_what_is_called_plain_holds_neither_zero_nor_anything_out_of_range(plans: list[list[Stage]]) -> None:
    for plan in plans:
        arrays = [array for stage in plan for array in stage.arrays]
        for call in (call for stage in plan for call in stage.calls):
            if call.plain and not call.earlier:
                size = np.abs(call.view.of(arrays).astype(float))
                assert np.all((size > 1e-30) & (size < 1e30))
