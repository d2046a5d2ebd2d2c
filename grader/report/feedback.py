"""What a student may be told of a grading; the rest is the teacher's."""

from __future__ import annotations

from dataclasses import replace

from grader.result import Grading


def is_terse(grading: Grading) -> bool:
    return grading.settings.get("feedback") == "terse"


def for_student(grading: Grading) -> Grading:
    """Without the seed; where feedback is terse, without the mistake's name and whatever was measured."""
    grade = replace(grading.grade, seed=None)
    if is_terse(grading):
        grade = replace(grade, diagnosis="", points=(), curve=())
    return replace(grading, grade=grade)
