"""The exercise's own examples, graded and measured: what theory says of them, and what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.exercises.interface import Example
from grader.judging.grading import CURVE_N, Judge
from grader.result import Grade

PUBLISHED_N = 4_000_000  # numbers at each published place: a standard error of some parts in ten thousand


def graded_examples(judge: Judge, seed: int) -> Iterator[tuple[Example, Grade]]:
    """Each example with its Grade, whose curve has ``PUBLISHED_N`` numbers at each published place, and fewer at the
    places between them."""
    exercise = judge.exercise
    published = exercise.published(judge.options)
    between = [place for place in exercise.places if place not in published]
    for example in exercise.examples:
        curve = judge.measure(example.source, seed, published, PUBLISHED_N)
        curve += judge.measure(example.source, seed + 1, between, CURVE_N)
        ordered = tuple(sorted(curve, key=lambda point: point.x))
        yield example, replace(judge.grade_source(example.source), submission=example.name, curve=ordered)
