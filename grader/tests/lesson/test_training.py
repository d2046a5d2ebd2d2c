"""*Does it matter?* (section 9): the table is what training gives, and carries what the text says of it."""

from __future__ import annotations

import math
import re
from itertools import combinations

import numpy as np
import pytest

from grader.exercises.dropout import known
from grader.tests.lesson.training import RATES, asked, best, cell, executed, losses, with_stored

SOURCE = cell("training")
NAMES, SHOWN = executed(SOURCE)
STORED = NAMES["STORED"]
FEW = SOURCE.replace("steps=400", "steps=2")


def apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Do two intervals, a mean and a half-width each, have no point in common?"""
    return abs(one[0] - other[0]) > one[1] + other[1]


def test_the_cell_shows_the_stored_table() -> None:
    rows = SHOWN.splitlines()[3:]
    assert len(rows) == len(STORED) == 4
    for row, (name, (rate, diverged, *pairs)) in zip(rows, STORED.items(), strict=True):
        assert row.startswith(name)
        assert diverged == 0
        shown = [float(number) for number in re.findall(r"\d+\.\d+", row)]
        assert shown[0] == rate
        for k, number in enumerate(number for pair in pairs for number in pair):
            assert shown[1 + k] == round(number, 3 if k < 4 else 1)


def test_the_table_is_narrow_enough_for_a_window_of_800_pixels() -> None:
    assert max(map(len, SHOWN.splitlines())) <= 75


def test_asked_to_train_it_shows_the_same_table_from_fresh_numbers() -> None:
    names, shown = executed(asked(FEW))
    assert list(names["rows"]) == list(STORED)
    assert shown.splitlines()[1:3] == SHOWN.splitlines()[1:3]
    assert shown.splitlines()[3:] != SHOWN.splitlines()[3:]
    assert "not right yet" not in shown


def test_a_layer_that_is_not_right_yet_is_named_and_one_that_raises_is_left_out() -> None:
    names, shown = executed(asked(FEW), known.START)
    assert shown.startswith("Your layer is not right yet: at p = 0.3")
    assert "yours" in names["rows"]
    names, shown = executed(asked(FEW), "")
    assert shown.startswith("Your layer cannot be drawn here (NameError")
    assert list(names["rows"]) == ["inverted", "no rescaling"]


def test_what_is_stored_can_be_written_back() -> None:
    rows, rates = {name: row[1:] for name, row in STORED.items()}, {name: row[0] for name, row in STORED.items()}
    assert with_stored(SOURCE, rows, rates) == SOURCE


def test_at_the_start_another_scale_is_another_constant_in_front_of_the_output() -> None:
    rng, layers = np.random.default_rng(0), range(20)
    weights, coins = rng.normal(size=(21, 64, 64)) * (2 / 64) ** 0.5, rng.random((20, 32, 64)) < 0.7
    x = rng.normal(size=(32, 64))

    def output(s: float, factor: float) -> float:
        h = x
        for layer in layers:
            h = np.maximum(h @ (weights[layer] * factor ** (layer > 0)), 0) * coins[layer] * s
        return float((h @ (weights[20] * factor))[0, 0])

    s = 0.7**-0.5
    yours = output(s, 1)
    assert math.isclose(output(1 / 0.7, 1) / yours, s**20)
    assert math.isclose(output(1, 1) / yours, s**-20)
    assert math.isclose(output(1 / 0.7, 1 / s), yours)


def test_the_table_carries_what_the_text_concludes() -> None:
    training, evaluation, right, mean_kept = ({name: row[2 + k] for name, row in STORED.items()} for k in range(4))
    learned = ("yours", "no rescaling", "inverted, W/s")
    for one, other in combinations(learned, 2):
        assert not apart(training[one], training[other])
    assert all(apart(training["inverted"], training[name]) for name in learned)
    assert training["inverted"][0] > math.log(2)  # guesses
    assert not apart(evaluation["yours"], training["yours"])
    assert not apart(right["yours"], right["inverted, W/s"])
    assert all(apart(right["no rescaling"], right[name]) for name in ("yours", "inverted, W/s"))
    assert apart(right["no rescaling"], mean_kept["no rescaling"])


@pytest.mark.slow
def test_training_gives_the_stored_table() -> None:
    """Rounding differs between machines, and errors grow in training: within the intervals, not to the digit."""
    names, _ = executed(asked(SOURCE))
    for name, (_, diverged, *pairs) in STORED.items():
        fresh, *values = names["rows"][name]
        assert fresh == diverged
        for (mean, half), (stored, width) in zip(values, pairs, strict=True):
            assert not apart((mean, half), (stored, width))
            assert width / 4 < half < 4 * width


def test_the_grid_goes_on_at_both_sides_of_each_rules_rate() -> None:
    assert all(rate in RATES[1:-1] for rate, *_ in STORED.values())


@pytest.mark.slow
def test_a_rule_has_the_best_of_its_neighbouring_rates() -> None:
    """One of the four: they are chosen by one function, and training again gives all of the table (above)."""
    rules = executed(asked(FEW))[0]["rules"]
    rate = STORED["yours"][0]
    at = RATES.index(rate)
    assert best(losses(NAMES, rules["yours"], RATES[at - 1 : at + 2])) == rate


@pytest.mark.slow
def test_with_2400_steps_inverted_dropout_begins_to_learn() -> None:
    with np.errstate(all="ignore"):
        (loss, *_) = NAMES["trained"]([(1 / 0.7, 1, STORED["inverted"][0])], [2014, 0], steps=2400)
    mean, half = loss.mean(), 2.131 * loss.std(ddof=1) / 4
    assert mean + half < math.log(2)
