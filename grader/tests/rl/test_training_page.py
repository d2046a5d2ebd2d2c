"""TRAINING.md says of the ladder what the ladder is, and first of all what was not measured."""

from __future__ import annotations

import re

import pytest

from grader.exercises.dropout.laws import LAWS
from grader.rl.levels import EVALUATION, LEVELS, Level
from grader.tests.refresh import ROOT

PAGE = (ROOT / "assets" / "TRAINING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_a_levels_row_is_what_the_level_is(level: Level) -> None:
    limits = {None: "any number", 0: "none"}
    executions, turns = (limits.get(limit, str(limit)) for limit in (level.executions, level.turns))
    row = (level.name, level.about, level.feedback, executions, turns, str(level.sites))
    assert f"| {' | '.join(row)} |" in PAGE


def test_the_first_paragraph_says_what_was_not_measured_and_the_held_out_levels_are_named() -> None:
    first = PAGE.split("\n\n")[1]
    assert first.startswith("**No language model's pass rate was measured here.**")
    assert all(name in PAGE for name in EVALUATION)


@pytest.mark.parametrize("level", [*LEVELS, *EVALUATION])
def test_the_gates_table_has_every_level_and_all_of_it_holds(level: str) -> None:
    """Of twenty seeds or more. It is what ``python -m grader gate`` printed."""
    gate = PAGE.partition("## The gate")[2].partition("\n## ")[0]
    (row,) = re.findall(rf"^\| {level} \| (.*?) \|$", gate, flags=re.M)
    counts = re.findall(r"(\d+) of (\d+)", row)
    assert len(counts) == (5 if {**LEVELS, **EVALUATION}[level].feedback != "F3" else 4)
    assert all(held == tried for held, tried in counts)
    assert int(counts[0][1]) >= 100
    assert int(counts[1][1]) >= 20


@pytest.mark.parametrize("law", LAWS)
def test_the_laws_are_named(law: str) -> None:
    name = law.partition(":")[0]
    assert f"`{name}" in PAGE.partition("## The laws")[2].partition("\n## ")[0]
