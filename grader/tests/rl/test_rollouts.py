"""Rollouts as files: what is read, what is graded first, what is said and drawn."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.cli import main
from grader.exercises.dropout import known
from grader.rl import rollouts
from grader.rl.instance import instance

ROW = {"model": "m", "level": "L1", "seed": 0, "index": 0}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_rewards_are_taken_as_they_are(tmp_path: Path) -> None:
    rows = [{**ROW, "reward": 1}, {**ROW, "reward": 0.0, "diagnosis": "no scale"}, "", {**ROW, "reward": None}]
    found = rollouts.read(write(tmp_path / "r.jsonl", *rows))
    assert [each.reward for each in found] == [1.0, 0.0, None]
    assert found[1].diagnosis == "no scale"
    assert {each.task for each in found} == {("L1", 0, 0)}


@pytest.mark.sandbox
def test_answers_are_graded_first_each_on_its_own_task(tmp_path: Path) -> None:
    other = {**ROW, "level": "L5", "seed": 4}
    task = instance("L5", 4)
    rows = [
        {**ROW, "answer": known.scaled("1.0")},
        {**ROW, "reward": 1},
        {**other, "files": dict(task.gold)},
        {**other, "files": dict(task.files)},
        {**ROW, "answer": known.REFERENCE},
    ]
    found = rollouts.read(write(tmp_path / "r.jsonl", *rows), jobs=1)
    assert [each.reward for each in found] == [0.0, 1.0, 1.0, 0.0, 1.0]
    assert found[0].diagnosis == "no scale"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "line 2 is no JSON"),
        ([1], "line 2 is no object"),
        ({**ROW, "model": 3, "reward": 1}, "'model' is missing, or not a text"),
        ({"model": "m", "level": "L1", "index": 0, "reward": 1}, "'seed' is missing, or not an integer"),
        ({**ROW, "index": True, "reward": 1}, "'index' is missing"),
        ({**ROW, "reward": 0.5}, "a reward is 1, 0 or null, not 0.5"),
        (ROW, "no 'reward', no 'answer'"),
        ({**ROW, "answer": 3}, "no 'reward', no 'answer'"),
        ({**ROW, "files": {"dropout.py": 1}}, "no 'reward', no 'answer'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "r.jsonl", {**ROW, "reward": 1}, row)
    assert main(["calibrate", str(path)]) == 2
    said = capsys.readouterr().err
    assert "line 2" in said
    assert problem in said
    assert len(said.splitlines()) == 1


def test_the_command_says_and_draws_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {**ROW, "model": model, "seed": seed, "reward": int(seed % every == 0), "diagnosis": f"mistake {seed % 7}"}
        for model, every in (("a <$b$>", 4), ("easy", 1))
        for seed in range(120)
    ]
    path = write(tmp_path / "r.jsonl", *rows, {**ROW, "model": "few", "reward": None})
    assert main(["calibrate", str(path)]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[1].split()[:2] == ["a", "<$b$>"]
    assert lines[1].endswith("in the band")
    assert lines[2].strip().startswith("went wrong: 13 mistake")
    assert lines[2].endswith("others")
    assert lines[3].endswith("too easy")
    assert lines[4].endswith("not enough rollouts (0 of 100)")
    drawn = tmp_path / "r.svg"
    assert str(drawn) in said.err
    texts = ElementTree.parse(drawn).getroot()
    assert "a <$b$> · L1: 25%" in "".join(texts.itertext())
    assert main(["calibrate", str(path), "--json-lines", "--plot", str(tmp_path / "other.svg")]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["verdict"] for each in found] == ["in the band", "too easy", "not enough rollouts"]
    assert found[2]["rate"] is None
    assert found[2]["masked"] == 1
    assert (tmp_path / "other.svg").exists()


def test_a_plot_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "r.jsonl", {**ROW, "reward": 1})
    assert main(["calibrate", str(path), "--plot", str(tmp_path / "no" / "folder.svg")]) == 3
    assert "cannot be written" in capsys.readouterr().err
