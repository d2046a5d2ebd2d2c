from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.rl.grading import RewardGrader


@pytest.fixture(scope="package")
def walled() -> Iterator[RewardGrader]:
    """A grader of rewards, behind whole walls."""
    with RewardGrader(isolation="required") as grader:
        yield grader
