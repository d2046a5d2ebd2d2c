from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from grader import Grader, Settings, load_exercise
from grader.cli import OPTIONS, _parser
from grader.errors import UsageError

DROPOUT = load_exercise("dropout")
GENERAL = [field.name for field in fields(Settings) if field.name != "options"]
OWN = [field.name for field in fields(DROPOUT.Options)]


def test_each_field_has_its_option_with_the_same_default() -> None:
    assert sorted(OPTIONS) == sorted(GENERAL)
    given = _parser(DROPOUT).parse_args(["grade", "x.ipynb"])
    assert Settings(**{name: getattr(given, name) for name in OPTIONS}) == Settings()
    assert DROPOUT.Options(**{name: getattr(given, name) for name in OWN}) == DROPOUT.Options()


def test_every_option_reaches_its_field(tmp_path: Any) -> None:
    words = (
        "grade x --rates 0.2,0.4 --tolerance 0.05 --inputs uniform,shifted --require-explanation --timeout-s 7 "
        "--feedback terse --evidence enough --memory-mib 512 --seed 3 --execute none --isolation none --task t.ipynb "
        "--jobs 2 --exercise another"
    )
    given = _parser(DROPOUT).parse_args(words.split())
    settings = Settings(**{name: getattr(given, name) for name in OPTIONS})
    assert all(getattr(settings, name) != getattr(Settings(), name) for name in GENERAL)
    assert (given.rates, given.tolerance, given.inputs) == ((0.2, 0.4), 0.05, ("uniform", "shifted"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": ()},
        {"rates": (0.0,)},
        {"rates": (1.0,)},
        {"rates": (0.3, 0.3)},
        {"rates": (float("nan"),)},
        {"tolerance": 0.0},
        {"tolerance": float("nan")},
        {"inputs": ()},
        {"inputs": ("cauchy",)},
        {"timeout_s": 0.0},
        {"memory_mib": 1},
        {"seed": -1},
        {"execute": "some"},
        {"isolation": "strong"},
        {"feedback": "loud"},
        {"jobs": 0},
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        if name in OWN:
            DROPOUT.Options(**wrong)
        else:
            Settings(**wrong)


def test_an_option_that_the_exercise_does_not_have_is_named_with_those_it_has() -> None:
    with pytest.raises(UsageError, match="dropout has no option rate; it has inputs, rates, tolerance"):
        Grader(Settings(options={"rate": 0.3}))


def test_an_exercise_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="there is no exercise 'drop'"):
        Grader(Settings(exercise="drop"))
