"""``measure`` counts what it grades, and its own box gives the verdicts of the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import Grader, Settings
from grader.bench import measure, results
from grader.bench.corpus import Layer, corpus
from grader.bench.in_process import InProcessBox
from grader.cli import main
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.judging import demo
from grader.result import Outcome


@pytest.mark.parametrize("source", [known.REFERENCE, known.START, EXAMPLES["masks repeat"][0], "1 / 0"])
def test_our_own_code_is_judged_here_as_it_is_in_a_child(source: str) -> None:
    settings = Settings(seed=7)
    with Grader(settings) as outside, InProcessBox() as box:
        there, here = outside.grade_source(source), Grader(settings, box).grade_source(source)
    assert (here.status, here.diagnosis, here.points) == (there.status, there.diagnosis, there.points)
    assert [f.outcome for f in here.findings] == [f.outcome for f in there.findings]


@pytest.mark.slow
def test_the_results_count_wrong_verdicts_and_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = [
        Layer("good", known.REFERENCE, "correct"),
        Layer("bad", EXAMPLES["no scale"][0], "no scale"),
        Layer("misnamed", EXAMPLES["no scale"][0], "dtype"),
        Layer("taken for right", EXAMPLES["no scale"][0], "correct"),
        Layer("taken for wrong", known.REFERENCE, "no scale"),
        Layer("sometimes", EXAMPLES["fraction off"][0], "hard 0.5"),
    ]
    monkeypatch.setattr(measure, "corpus", lambda: layers)
    monkeypatch.setattr(measure, "OTHERS", (layers[:2], layers[:1]))
    monkeypatch.setattr(results, "PUBLISHED_N", 20_000)
    monkeypatch.setattr(demo, "PUBLISHED_N", 20_000)
    assert main(["measure", "--gradings", "6", "--jobs", "2", "--out", str(tmp_path)]) == 3
    printed = capsys.readouterr().out
    assert "right layers failed: 3" in printed
    assert "wrong layers passed: 2" in printed
    assert "known mistakes under another name: 1" in printed
    text = (tmp_path / "TESTING_RESULTS.md").read_text(encoding="utf-8")
    assert "| sometimes | 6 | 6 |" in text
    assert "n = 20,000 numbers" in text
    assert {path.name for path in tmp_path.iterdir()} == {"TESTING_RESULTS.md", "planted-bug.svg", "reference.svg"}


def test_the_committed_results_have_no_wrong_verdict() -> None:
    """What the README points to was made with the corpus at hand, and shows what it has to show."""
    from grader.tests.refresh import ROOT

    text = (ROOT / "assets" / "TESTING_RESULTS.md").read_text(encoding="utf-8")
    for row in ("right layers failed", "wrong layers passed"):
        cells = [
            cell.strip() for cell in next(line for line in text.splitlines() if line.startswith(f"| {row}")).split("|")
        ]
        assert int(cells[3].replace(",", "")) >= 3_000
        assert cells[4] == "0"
    for layer in corpus():
        if not layer.right and not layer.expected.startswith("status"):
            assert f"| {layer.name} |" in text, "run: python -m grader measure --jobs 2"


def test_a_failed_finding_of_the_reference_would_show() -> None:
    with InProcessBox() as box:
        grade = Grader(Settings(seed=1), box).grade_source(EXAMPLES["bad p"][0])
    assert [finding.rule for finding in grade.findings if finding.outcome is Outcome.FAILED] == ["R1"]
