"""What is graded: the lesson as learners hand it in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.bench import lesson
from grader.bench.lesson import HANDOUT
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.submissions.task import Task

ANSWERS = (known.REFERENCE, *(sources[0] for sources in EXAMPLES.values()))
CLASS_OF = 20  # submissions of a batch that is also executed; as many others are like them, one by one
VERDICT_ONLY = ("--execute", "none")


def answers(count: int) -> list[str]:
    """Distinct answers, right and wrong in turns."""
    chosen = (known.REFERENCE if n % 2 else ANSWERS[n // 2 % (CLASS_OF // 2)] for n in range(count))
    return [f"{source}\n# learner {n}\n" for n, source in enumerate(chosen)]


@contextmanager
def class_of(count: int) -> Iterator[tuple[Path, Callable[[], Path]]]:
    """A folder of the lesson as ``count`` learners hand it in, and a way to fresh folders for reports."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        submissions = Path(folder, "submissions")
        submissions.mkdir()
        for number, answer in enumerate(answers(count)):
            write_notebook(submissions, f"learner-{number:05}", list(lesson.code_cells(answer).values()))
        yield submissions, lambda: Path(tempfile.mkdtemp(dir=folder), "reports")


def write_notebook(folder: Path, name: str, cells: list[str]) -> Path:
    """The lesson with these sources in its code cells, or a notebook of these cells alone."""
    raw = json.loads(Task.load(HANDOUT).path.read_text(encoding="utf-8"))
    code = [cell for cell in raw["cells"] if cell["cell_type"] == "code"]
    if len(code) != len(cells):
        raw["cells"] = code = [{**code[0], "id": f"cell-{n}", "metadata": {}} for n in range(len(cells))]
    for cell, source in zip(code, cells, strict=True):
        cell["source"] = source
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path
