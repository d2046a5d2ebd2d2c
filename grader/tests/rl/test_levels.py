"""The ladder: instances are the same everywhere and differ by seed, say what is judged, and hold no answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader import BUGGY_IMPLEMENTATION, TASK_PROMPT, TEST_SCRIPT, Grader, Settings
from grader.cli import main
from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.exercises.dropout.laws import HELD_OUT
from grader.exercises.dropout.laws.layer import Hand, layer, module
from grader.rl.gate import told_lines
from grader.rl.instance import EVALUATION, LEVELS, SCRIPT, TEST, TIMEOUT_S, Draft, instance
from grader.rl.judge import judge
from grader.rl.levels import Level, level_of
from grader.submissions.source import MAX_SOURCE, same_code
from grader.tests.support.spellings import spellings

ALL = (*LEVELS, *EVALUATION)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    """As for rewards."""
    with Grader(Settings(execute="none", evidence="enough", timeout_s=20)) as opened:
        yield opened


@pytest.mark.parametrize("level", ALL)
def test_an_instance_is_the_same_in_every_process(level: str) -> None:
    show = f"from grader.rl.instance import instance; print(ascii(instance({level!r}, 3, 1)))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ascii(instance(level, 3, 1))


@pytest.mark.parametrize("level", ALL)
def test_seeds_and_indices_differ(level: str) -> None:
    tasks = [instance(level, seed, index) for seed in range(4) for index in range(2)]
    assert len({task.files[SCRIPT] + task.prompt for task in tasks}) > (4 if level == "L4" else 6)  # a blank class
    assert [task.key for task in tasks][:3] == [f"{level}-0-0", f"{level}-0-1", f"{level}-1-0"]


@pytest.mark.parametrize("level", ALL)
def test_the_start_is_wrong_where_it_is_said_to_be(level: str) -> None:
    for seed in range(6):
        task = instance(level, seed)
        assert task.right_at_start == same_code(task.files[SCRIPT], task.gold[SCRIPT])
        assert task.files.keys() == task.gold.keys()


def test_half_of_what_may_be_right_is_right() -> None:
    alone = [instance("L7", seed).right_at_start for seed in range(200)]
    assert 70 < sum(alone) < 130
    for seed in range(8):
        draft = Draft.of("L8", seed, 0)
        assert 5 <= sum(draft.right) <= 11
        laws = [
            {s.law.name for s, right in zip(draft.sites, draft.right, strict=True) if right is b} for b in (True, False)
        ]
        assert not laws[0] & laws[1]  # no wrong layer beside a right one of its law


def test_held_out_laws_are_in_no_level_for_training() -> None:
    for name in LEVELS:
        assert not {site.law.name for seed in range(30) for site in Draft.of(name, seed, 0).sites} & set(HELD_OUT)
    for name in EVALUATION:
        assert {site.law.name for site in Draft.of(name, 1, 0).sites} <= set(HELD_OUT)


def test_the_briefs_own_task_is_a_level() -> None:
    task = instance("L1", 0)
    contract = "".join(TASK_PROMPT.partition("## Working on it")[0].split())
    assert "".join(task.prompt.split()).startswith(contract)
    assert f"{TIMEOUT_S} s of processor time" in task.prompt
    assert "30 s" not in task.prompt


def test_one_hand_writes_the_handed_out_file() -> None:
    """The sources of levels are the handed-out one in other words, and not another program."""
    draft = Draft.of("L1", 0, 0)
    law = draft.sites[0].law
    source = module(layer(law, law.slips[0].code, Hand()))
    assert same_code(source, BUGGY_IMPLEMENTATION)
    assert same_code(module(layer(law, law.code, Hand())), f"import numpy as np\n{known.REFERENCE}")


@pytest.mark.parametrize("level", ["L1", "L2", "L3", "L4"])
def test_nothing_of_a_level_spells_the_answer(level: str) -> None:
    for seed in range(3):
        task = instance(level, seed)
        texts = [task.prompt, *(text for name, text in task.files.items() if text != TEST_SCRIPT)]  # has its own test
        assert not [found for text in texts for found in spellings(text)]


def test_the_first_level_names_the_formula() -> None:
    assert "s = 1/√q" in instance("L0", 0).prompt


def test_other_values_on_an_axis_are_a_level() -> None:
    task = instance("L8,sites=32,executions=none,feedback=F1", 1)
    assert len(task.options) == 32
    assert task.executions is None
    assert TEST in task.files
    assert task.key == "L8,sites=32,executions=none,feedback=F1-1-0"
    assert instance("L5,executions=0", 1).executions == 0


@pytest.mark.parametrize(
    "name", ["L9", "", "L8,sites=33", "L8,sites=x", "L5,feedback=F0", "L1,law=leaky", "L5,prompt=symptom", "L1,turns=0"]
)
def test_what_is_no_level_is_the_callers(name: str) -> None:
    with pytest.raises(UsageError):
        instance(name, 0)


def test_a_level_without_a_law_is_none() -> None:
    with pytest.raises(ValueError, match="laws"):
        Level("X", "", laws=("gravity",))
    assert level_of("L3").prompt == "wrong standard"


def test_the_ladder_and_a_task_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["levels"]) == 0
    ladder = capsys.readouterr().out
    assert [line.split()[0] for line in ladder.splitlines()[: len(ALL)]] == list(ALL)
    assert main(["levels", "L5", "--seed", "3"]) == 0
    shown, task = capsys.readouterr().out, instance("L5", 3)
    assert task.prompt in shown
    assert all(text in shown for text in task.files.values())
    assert not [line for line in task.gold[SCRIPT].splitlines() if "ratio ** 2" in line and line in shown]
    assert main(["levels", "L9"]) == 2


# --- what an answer is worth --------------------------------------------------------------------------------------


def test_an_answer_of_many_sites_is_right_if_all_are(grader: Grader) -> None:
    task, draft = instance("L8,sites=2", 5), Draft.of("L8,sites=2", 5, 0)
    right = judge(task, task.gold, grader)
    assert (right.value, len(right.sites), right.attempted) == (1.0, 2, True)
    assert set(right.rules.values()) == {"passed", "not_judged"}
    for wrong in range(2):
        codes = [site.law.slips[0].code if k == wrong else site.law.code for k, site in enumerate(draft.sites)]
        judged = judge(task, {SCRIPT: draft.source(codes)}, grader)
        assert (judged.value, len(judged.sites)) == (0.0, wrong + 1)
        assert judged.feedback.startswith(draft.sites[wrong].name)
        assert judged.diagnosis == draft.sites[wrong].law.slips[0].name
    untouched = judge(task, task.files, grader, every=True)
    assert (untouched.value, len(untouched.sites), untouched.attempted) == (0.0, 2, False)


def test_what_is_right_as_it_is_is_worth_1_untouched(grader: Grader) -> None:
    tasks = [instance("L7", seed) for seed in range(12)]
    for right in (True, False):
        task = next(task for task in tasks if task.right_at_start is right)
        judged = judge(task, task.files, grader)
        assert (judged.value, judged.attempted) == (float(right), False)


def test_the_visible_test_comes_back_or_is_not_judged(grader: Grader) -> None:
    task = instance("L5", 1)
    alone = {SCRIPT: task.gold[SCRIPT]}
    assert judge(task, alone, grader).rules["R10"] == "not_judged"
    assert judge(task, task.gold, grader).rules["R10"] == "passed"
    reformatted = judge(task, {**alone, TEST: f"# mine\n{task.files[TEST]}"}, grader)
    assert (reformatted.value, reformatted.rules["R10"]) == (1.0, "passed")
    changed = judge(task, {**alone, TEST: "passed = True\n"}, grader)
    assert (changed.value, changed.rules["R10"], changed.diagnosis) == (0.0, "failed", "check cell changed")


@pytest.mark.parametrize("source", ["", "  \n", "#" * (MAX_SOURCE + 1), "\ud800", "1 / 0", "class"])
def test_an_answer_that_is_none_is_worth_0(source: str, grader: Grader) -> None:
    judged = judge(instance("L5", 0), {SCRIPT: source}, grader)
    assert (judged.value, judged.attempted) == (0.0, True)
    assert judged.feedback


def test_where_the_grader_fails_there_is_no_value(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise OSError("no more of anything")

    monkeypatch.setattr(grader.box, "run", broken)
    task = instance("L8,sites=2", 0)
    judged = judge(task, task.gold, grader)
    assert judged.value is None
    assert "grader itself failed" in judged.feedback


def test_gold_is_nowhere_in_what_is_handed_out() -> None:
    for level in ALL:
        task = next(task for seed in range(9) if not (task := instance(level, seed)).right_at_start)
        assert not told_lines(task)
        lines = [line for line in task.gold[SCRIPT].splitlines() if line not in task.files[SCRIPT]]
        answer = max(lines, key=len)
        assert told_lines(replace(task, prompt=f"{task.prompt}\n{answer}  # so it is")) == [answer.strip()]


def test_snippets_of_a_level_need_no_folder(tmp_path: Path) -> None:
    """The files are texts that run where they are written."""
    task = instance("L2", 4)
    for name, text in task.gold.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, TEST], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "passed\n")
    (tmp_path / SCRIPT).write_text(task.files[SCRIPT], encoding="utf-8")
    done = subprocess.run([sys.executable, TEST], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "failed\n")
