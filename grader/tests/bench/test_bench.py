"""The benchmark measures what it says: small sizes here, so that it cannot rot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.bench import batches, earlier, lesson, page, stages, timing, training
from grader.bench.graded import ANSWERS, class_of
from grader.bench.row import Row, Sizes
from grader.bench.rows import BY_NAME
from grader.cli import main
from grader.exercises.dropout import known
from grader.submissions.read import read
from grader.submissions.task import Task
from grader.submissions.upload import Upload
from grader.tests.refresh import HANDOUT, ROOT

TINY = Sizes(
    verdicts=4, notebooks=1, commands=1, few=1, some=2, many=4, most=4, answers=12, few_answers=100, many_answers=2000
)


def test_what_a_command_used_is_counted_with_all_that_it_started() -> None:
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    orphan = f"import os\nif os.fork() == 0:\n    if os.fork() == 0:\n        exec({burn!r})\n    os._exit(0)\n{burn}"
    used = timing.command(sys.executable, "-c", orphan)
    assert 0.9 < used.cpu_s < 3
    assert used.wall_s > 0.5
    held = timing.command(sys.executable, "-c", "x = b'x' * (200 << 20); import time; time.sleep(0.1)")
    assert 195 < held.peak_mib < 260


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="the reason"):
        timing.command(sys.executable, "-c", "raise SystemExit('the reason')")


def test_cores_are_given_back() -> None:
    import os

    before = os.sched_getaffinity(0)
    with timing.on_cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_the_class_is_of_distinct_learners_who_filled_in_the_lesson() -> None:
    with class_of(4) as (folder, _):
        answers = [read(Upload.read(path, HANDOUT), Task.load(HANDOUT)).answer for path in sorted(folder.iterdir())]
    assert len(set(answers)) == 4
    assert answers[1].startswith(known.REFERENCE)
    assert not any("guess = None" in cell for cell in lesson.code_cells(known.REFERENCE).values())


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize(
    "name",
    [
        *("verdict", "floor", "small", "cold", "growth", "episode", "disk"),
        *("rewards", "cluster", "million"),
        pytest.param("report", marks=pytest.mark.browser),
    ],
)
def test_a_row_is_a_ratio_of_two_measurements(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LARGE_CLASS", 200)
    monkeypatch.setattr(batches, "ANSWERS", ANSWERS[:4])
    monkeypatch.setattr(training, "HOSTILE", training.HOSTILE[3:4])  # which ends at once; others take their whole limit
    rows = list(BY_NAME[name](TINY))
    assert all(isinstance(row, Row) for row in rows)
    assert any(float(row.value.split()[0]) != 0 for row in rows)  # an overhead of one run may be nothing, or less


@pytest.mark.slow
@pytest.mark.sandbox
def test_another_version_grades_beside_this_one_where_the_history_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier, "COUNT", 3)
    if earlier.is_known():
        rows = earlier.verdicts(TINY)
        assert [row.work.partition(":")[0] for row in rows[:3]] == list(earlier.MIX)
        assert [float(row.value.split()[0]) for row in rows]  # of so few, the start's own ups and downs are larger
    monkeypatch.setattr(earlier, "COMMIT", "0" * 40)
    (row,) = earlier.verdicts(TINY)
    assert (row.met, row.limit) == (False, "git fetch --unshallow brings it.")


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_stages_of_a_verdict_add_up_to_it() -> None:
    found = stages.verdict(TINY)
    names = list(found)
    parts = sum(found[name] for name in names[: names.index("the verdict")])
    assert parts == pytest.approx(found["the verdict"])
    assert {"read", "start", "lock-down", "probes", "checks", "figure", "write"} <= set(names)


@pytest.mark.slow
@pytest.mark.sandbox
def test_some_rows_are_printed_and_no_file_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "cold", "--repeats", "1", "--out", str(tmp_path)]) == 0
    assert "import numpy" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
    assert main(["bench", "--only", "fast"]) == 2
    assert "fast: there is verdict" in capsys.readouterr().err


def test_a_missed_row_is_called_missed() -> None:
    met = Row("fine", "1 s", "other: 1 s", "1.00 ×", "≤ 1.5 ×", met=True, limit="unseen")
    text = page.as_markdown([Row("work", "2 s", "other: 1 s", "2.00 ×", "≤ 1.5 ×", met=False, limit="a wall"), met])
    assert "| work | 2 s | other: 1 s | 2.00 × | ≤ 1.5 × | **missed** |" in text
    assert "- **work**: a wall\n" in text.partition(page.LIMITS)[2]
    assert "unseen" not in text
    untold = page.table([Row("peer", "1 s", "other: 2 s", "2.0 × faster", "–", met=True)])
    assert "| 2.0 × faster | – | |\n" in untold, "without a target nothing is met"
    assert page.LIMITS not in page.as_markdown([met])


def test_the_committed_benchmarks_hold_every_row() -> None:

    text = (ROOT / "assets" / "BENCHMARKS.md").read_text(encoding="utf-8")
    for work in (
        "one verdict",
        "small notebook",
        "the lesson",
        "--execute none",
        "--execute full",
        "from cold",
        "class report",
    ):
        assert any(line.startswith("|") and work in line for line in text.splitlines()), work
    for peer in ("nbgrader", "otter-grader"):
        assert peer in text
    if "**missed**" in text:
        assert page.LIMITS in text
        assert page.PROFILE in text
