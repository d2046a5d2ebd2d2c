from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader import Grade, Grader, Settings
from grader.exercises.dropout import known
from grader.exercises.dropout.exercise import EXERCISE
from grader.report import exports, figures
from grader.report.drawing import Drawing, draw
from grader.result import Grading, Status


@pytest.fixture(scope="module")
def grade() -> Grade:
    with Grader(Settings(seed=3)) as grader:
        graded = grader.grade_source(known.START)
        return replace(graded, curve=grader.measure(known.START, 3, EXERCISE.places, 20_000))


def svg(grade: Grade) -> bytes:
    figure = figures.figure(grade, {})
    return figures.render(figure, "svg", figures.verdict_line(grade), figures.description(grade))


def test_the_same_grade_gives_the_same_bytes(grade: Grade) -> None:
    assert svg(grade) == svg(grade)


def test_the_figure_says_in_words_what_it_shows(grade: Grade) -> None:
    text = svg(grade).decode()
    assert "Measured: 1.1" in text
    assert "at p = 0.1" in text
    assert ElementTree.fromstring(text).tag.endswith("svg")


def test_measurements_lie_on_their_theory(grade: Grade) -> None:
    for m in grade.curve:
        assert m.y == pytest.approx(1 / (1 - m.x), abs=5 * m.standard_error)
        assert m.facts["scale"] == pytest.approx(1 / (1 - m.x))
        assert 0 < m.standard_error < 0.1 * m.y


def test_the_dots_are_the_measurements_with_two_standard_errors(grade: Grade) -> None:
    axes = figures.figure(grade, {}).axes[0]
    (container,) = axes.containers
    line, _, (bars,) = container.lines  # type: ignore[attr-defined]
    assert list(line.get_ydata()) == [m.y for m in grade.curve]
    low, high = bars.get_segments()[2][:, 1]
    assert high - low == pytest.approx(4 * grade.curve[2].standard_error)


def test_a_submission_without_numbers_has_a_figure_too() -> None:
    blank = Grade("x", Status.RAISED, "raised", "It raised.")
    assert ElementTree.fromstring(svg(blank)).tag.endswith("svg")
    texts = [text.get_text() for text in figures.figure(blank, {}).axes[0].texts]
    assert "no measurement" in texts


@pytest.mark.parametrize("first", ["=", "+", "-", "@"])
def test_a_csv_cell_never_starts_a_formula(first: str) -> None:
    grade = Grade(f"{first}cmd()", Status.RAISED, "raised", f"{first}HYPERLINK()")
    assert f"\n'{first}cmd()" in exports.to_csv([grade], [])
    assert f"'{first}HYPERLINK()" in exports.to_csv([grade], [])


def test_a_dollar_sign_in_a_name_starts_no_formula() -> None:
    figure = figures.figure(Grade("x$\\frac$ y", Status.RAISED, "raised", ""), {})
    assert figures.render(figure, "svg", "", "").startswith(b"<?xml")


def test_figures_are_drawn_elsewhere_and_all_of_them(tmp_path: Path, grade: Grade) -> None:
    failures: list[Path] = []
    with Drawing(1, {}, False, lambda target, error: failures.append(target)) as drawing:
        for number in range(4):
            drawing.hand_in(Grading(1, "ann", 1, grade), tmp_path / f"one-{number}")
        drawing.hand_in(Grading(1, "ann", 1, grade), tmp_path / "no folder" / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one-{number}.svg" for number in range(4)]
    assert failures == [tmp_path / "no folder" / "two"]


def test_when_the_process_that_draws_is_killed_its_figures_are_drawn_here(tmp_path: Path, grade: Grade) -> None:
    with Drawing(1, {}, False, lambda target, error: pytest.fail(repr(error))) as drawing:
        drawing.hand_in(Grading(1, "ann", 1, grade), tmp_path / "one")
        for pid in drawing._pool._processes:
            os.kill(pid, signal.SIGKILL)
        drawing.hand_in(Grading(1, "ann", 1, grade), tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.svg", "two.svg"]


def test_a_figure_bears_its_gradings_stamp_where_it_is_looked_for(grade: Grade, tmp_path: Path) -> None:
    grading = Grading(1, "ann", 1, grade, at="2026-11-24T10:00:00+00:00")
    draw(grade, tmp_path / "one", {}, png=True, stamp=grading.stamp)
    for name in ("one.svg", "one.png"):
        assert exports.has_stamp(tmp_path / name, grading.stamp)
        assert not exports.has_stamp(tmp_path / name, replace(grading, number=2).stamp)
    assert not exports.has_stamp(tmp_path / "none.svg", grading.stamp)
