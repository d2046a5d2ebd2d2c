"""The gate: it lets every level through, and it sees what does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from grader import Grader, Settings
from grader.cli import main
from grader.exercises.dropout.laws import LAWS
from grader.exercises.dropout.laws.layer import Hand, layer, module
from grader.exercises.dropout.laws.options import LawOptions
from grader.result import Outcome
from grader.rl import gate as room
from grader.rl.attacks import Attack, attacks, corpus, under, wrong_codes
from grader.rl.gate import corpus_gate, gate, missing, table
from grader.rl.instance import LEVELS, SCRIPT, TEST, Instance, instance
from grader.rl.visible import Site

OF_THE_SCALE = {"R5", "R6", "R7", "R8"}


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(Settings(execute="none", evidence="enough", timeout_s=20)) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("level", [*LEVELS, "L6x"])
def test_every_level_holds_at_one_seed(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At twenty, ``python -m grader gate``: its table is in TRAINING.md."""
    if level in ("L0", "L2", "L3"):  # judged as L1
        monkeypatch.setattr(room, "attacks", lambda one: iter(()))
    name = "L8,sites=2" if level == "L8" else level
    (row,) = gate([name], [20 + int(level[1])], times=1)
    assert not row.wrong
    assert level in ("L0", "L2", "L3") or row.tried["attacks"] > 15
    assert row.tried["gold"] == row.tried["untouched"] == row.tried["prompt"] == 1
    assert row.tried["visible test"] == (LEVELS["L6" if level == "L6x" else level].feedback != "F3")


def spoilt(monkeypatch: pytest.MonkeyPatch, change: Callable[[Instance], Instance]) -> list[str]:
    """What the gate says of an instance that is not as it should be, without attacks."""
    monkeypatch.setattr(room, "instance", lambda level, seed: change(instance(level, seed)))
    monkeypatch.setattr(room, "attacks", lambda one: iter(()))
    (row,) = gate(["L5"], [3], times=1)
    return row.wrong


def test_a_wrong_gold_is_seen_by_all_that_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = spoilt(monkeypatch, lambda one: replace(one, gold={**one.gold, SCRIPT: "x = 1\n"}))
    assert {line.partition(":")[0] for line in wrong} == {"gold", "visible test"}


def test_a_start_that_is_right_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = spoilt(monkeypatch, lambda one: replace(one, files=one.gold))
    assert [line.partition(":")[0] for line in wrong] == ["untouched"]


def test_a_visible_test_that_is_false_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(one: Instance) -> Instance:
        files = {TEST: one.files[TEST].replace("< 0.05", "< 1e-9")}
        assert files[TEST] != one.files[TEST]
        return replace(one, files={**one.files, **files}, gold={**one.gold, **files})

    assert [line.partition(":")[0] for line in spoilt(monkeypatch, impossible)] == ["visible test"]


def test_an_attack_that_is_none_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "attacks", lambda one: iter([Attack("does the work", one.gold, 0)]))
    (row,) = gate(["L5"], [3], times=1)
    assert [line.partition(":")[0] for line in row.wrong] == ["attacks"]


@pytest.mark.parametrize(
    ("level", "said", "unsaid"),
    [
        ("L1", "**R6 ", "R6"),
        ("L5", "**R10 ", "R10"),
        ("L5", ", ratio=0.0)", "ratio"),
        ("L5", "μ/σ", "μ/σ"),
        ("L5", "10⁶", "10⁶"),
        ("L5", "5 s", "5 s"),
        ("L5", "4 times", "4 times"),
        ("L7", "in place of zero", "in place of zero"),
        ("L7", "already", "right"),
    ],
)
def test_what_a_prompt_leaves_out_is_seen(level: str, said: str, unsaid: str) -> None:
    judged = {"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R10"}
    task = next(task for seed in range(99) if said in (task := instance(level, seed)).prompt)
    assert not [*missing(task, judged)]
    assert any(unsaid in line for line in missing(replace(task, prompt=task.prompt.replace(said, "")), judged))


# --- attacks ------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_wrong_scales_are_wrong_by_their_scale_alone(grader: Grader) -> None:
    """And so an attack is not worth 0 because it does not run."""
    for number, law in enumerate(LAWS.values()):
        for name, code in list(wrong_codes(law))[number % 3 :: 3]:
            options = LawOptions(law=law.name, class_name="SomeLayer")
            grade = grader.grade_source(module(layer(law, code, Hand("SomeLayer"))), options)
            failed = {finding.rule for finding in grade.findings if finding.outcome is Outcome.FAILED}
            assert grade.status == "graded", (law.name, name, grade.feedback)
            assert failed, (law.name, name)
            assert failed <= OF_THE_SCALE, (law.name, name, failed)


def test_what_a_law_wants_is_no_attack_on_it() -> None:
    assert "inverted dropout" not in dict(wrong_codes(LAWS["mean"]))
    assert "inverted dropout" in dict(wrong_codes(LAWS["variance"]))
    assert {"the second moment", "inverted dropout"} <= dict(wrong_codes(LAWS["moment"])).keys()


def test_attacks_are_on_every_site_in_turn() -> None:
    assert {attack.site for seed in range(3) for attack in attacks(instance("L8,sites=3", seed))} == {0, 1, 2}


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.slow
def test_the_corpus_is_worth_nothing_under_other_laws() -> None:
    """A part of it for each law; ``python -m grader gate --corpus`` tries all."""
    rows = corpus_gate(list(LAWS), every=50)
    assert not [line for row in rows for line in row.wrong]
    assert sum(row.tried["attacks"] for row in rows) > 30


def test_an_attack_of_the_corpus_is_carried_over(grader: Grader) -> None:
    """With the right scale in place of its own it would pass: it takes the argument, and is otherwise as it was."""
    site = Site("SomeLayer", LAWS["moment"])
    source = under(corpus()["output_verdict"], site)
    options = LawOptions(law="moment", class_name="SomeLayer")
    assert grader.grade_source(source, options).diagnosis == "inverted dropout"
    for old, new in (
        ("(1 - self.p) ** -1", "(1 - self.p) ** (-1 / self.order)"),
        ("__init__(self, p, rng)\n", "__init__(self, p, rng)\n        self.order = order\n"),
    ):
        assert old in source
        source = source.replace(old, new)
    grade = grader.grade_source(source, options)
    assert "R7" not in {finding.rule for finding in grade.findings if finding.outcome is Outcome.FAILED}


# --- the command --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_prints_a_table_and_says_whether_all_holds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "attacks", lambda one: iter(()))
    assert main(["gate", "--levels", "L5", "--seeds", "3"]) == 0
    said = capsys.readouterr().out
    assert "| L5 | 5 of 5 | 1 of 1 | – | 1 of 1 | 1 of 1 |" in said
    monkeypatch.setattr(room, "attacks", lambda one: iter([Attack("does the work", one.gold, 0)]))
    assert main(["gate", "--levels", "L8,sites=1", "--seeds", "0:1"]) == 1
    assert "attacks: L8,sites=1-0-0, does the work: 1.0" in capsys.readouterr().out
    for wrong in ("L9", ",", "L1,,L2"):
        assert main(["gate", "--levels", wrong]) == 2


def test_a_table_has_a_line_for_each_level() -> None:
    assert len(table([room.Row("L0"), room.Row("L1")]).splitlines()) == 4
