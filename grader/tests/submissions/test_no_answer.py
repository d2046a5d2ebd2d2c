"""Nothing that is handed out holds the answer, in whatever spelling: the scale is derived, not found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader import Grader
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import MISTAKES
from grader.report.pages import write_report
from grader.result import Grading
from grader.submissions.task import Task, set_up
from grader.tests.refresh import PROMPT
from grader.tests.support.spellings import spellings


@pytest.mark.parametrize(
    "text",
    [
        "scale = 1.0 / np.sqrt(keep_prob)",
        "lambda p: (1 - p) ** -0.5",
        "return 1.0 / math.sqrt(1.0 - p)",
        "s = np.exp(-0.5 * np.log1p(-p))",
        "np.power(self.keep, -0.5)",
        "law = p**-0.5",
        "root = keep_prob ** 0.5",
        "factor = 1 / np.linalg.norm([p])\n# that is 1/sqrt(1 - p)",
        "x = 'contract: 1/√(1−p)'",
        "So $s = \\frac{1}{\\sqrt{1-p}}$, and",
        "So $s = q^{-1/2}$.",
        "multiplied by $\\sqrt{1-p}$",
        "what is wanted is q^(-1/2), no more",
        "at p = 0.3 that is 1.195",
        "s = [1.1952, 1.4142, 1.8257]",
    ],
)
def test_the_search_finds_the_answer(text: str) -> None:
    assert list(spellings(text))


@pytest.mark.parametrize(
    "text",
    ["scale = 1.0 / keep_prob", "s * s * (1 - p)", "(1 - p) ** -1.5", "math.sqrt(p * (1 - p))", "s² · (1-p) = 1"],
)
def test_the_search_finds_nothing_else(text: str) -> None:
    assert not list(spellings(text))


@pytest.mark.parametrize("form", ["script", "notebook"])
def test_no_file_of_the_task_holds_the_answer(form: str, task: Task, tmp_path: Path) -> None:
    for path in set_up(tmp_path, form, task):
        text = path.read_text(encoding="utf-8")
        cells = json.loads(text)["cells"] if path.suffix == ".ipynb" else [{"source": [text]}]
        assert not [found for cell in cells for found in spellings("".join(cell["source"]))]


def test_the_prompt_does_not_hold_it() -> None:
    assert not list(spellings(PROMPT.read_text(encoding="utf-8")))


def test_no_sentence_holds_it() -> None:
    numbers = {"p": 0.3, "q": 0.7, "f": 0.7, "r": 1.3, "law": 1.18, "power": 1.18, "detail": "…"}
    sentences = [text.format(**numbers) for each in MISTAKES for text in (each.sentence, *each.when.values())]
    assert not [found for sentence in sentences for found in spellings(sentence)]


@pytest.mark.parametrize("scale", ["1.0 / keep_prob", "1 + self.p", "0.5 + keep_prob"])
def test_no_feedback_page_holds_it(scale: str, grader: Grader, tmp_path: Path) -> None:
    grade = replace(grader.grade_source(known.scaled(scale)), submission="ann")
    write_report((Grading(1, "ann", 1, grade),), tmp_path, known.START, {})
    page = (tmp_path / "feedback" / "ann.html").read_text(encoding="utf-8")
    text = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", page, flags=re.S)
    assert "Feedback" in page or "ann" in text
    assert not list(spellings(text))
