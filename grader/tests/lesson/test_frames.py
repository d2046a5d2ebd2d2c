"""The lesson's figures have their axes where constrained layout would put them, without its taking the time."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from grader.tests.refresh import TASK, with_frames
from grader.tests.support import lesson

NAMES = ["F1", "F2", "F4", "F5", "F6", "F7"]  # F3 is the check's


@pytest.fixture(scope="module")
def figures() -> dict[bool, dict[str, Figure]]:
    return {constrained: lesson.figures(constrained=constrained) for constrained in (True, False)}


def pixels(figure: Figure) -> Any:
    written = io.BytesIO()
    figure.savefig(written, format="rgba", dpi=100)
    return np.frombuffer(written.getvalue(), np.uint8).astype(int)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_as_with_constrained_layout(name: str, figures: dict[bool, dict[str, Figure]]) -> None:
    assert lesson.frame(figures[False][name]) == lesson.frame(figures[True][name])
    # places are rounded to a millionth of a figure, so that an edge may be a shade lighter
    assert np.abs(pixels(figures[False][name]) - pixels(figures[True][name])).max() <= 5


def test_these_are_all_and_their_places_are_up_to_date(figures: dict[bool, dict[str, Figure]]) -> None:
    assert [*figures[False]] == NAMES
    (setup,) = [cell for cell in json.loads(TASK.read_text(encoding="utf-8"))["cells"] if cell["id"] == "setup"]
    assert with_frames("".join(setup["source"])) == "".join(setup["source"])
