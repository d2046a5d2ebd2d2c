"""``grader check``: what a learner is told before handing in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.exercises.dropout import known
from grader.submissions.task import Task, set_up
from grader.tests.conftest import write
from grader.tests.refresh import HANDOUT, tagged
from grader.tests.support.broken import CLASS_CELL, right

Capture = pytest.CaptureFixture[str]
Notebook = dict[str, Any]


def raw(notebook: Notebook) -> None:
    tagged(notebook, "implementation")["cell_type"] = "raw"


def without_tags(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"].pop("tags", None)


def another_class(notebook: Notebook) -> None:
    notebook["cells"].append(CLASS_CELL)


def number(tag: str) -> int:
    """Of a cell in the task notebook, from 1."""
    cells = right()["cells"]
    return 1 + next(n for n, cell in enumerate(cells) if tag in cell["metadata"].get("tags", ()))


ANSWER = number("implementation")
CHANGES: dict[str, tuple[Callable[[Notebook], object], str]] = {
    "nothing": (lambda notebook: None, f"nothing is in the way; cell {ANSWER} is graded"),
    "tags lost": (without_tags, f"nothing is in the way; cell {ANSWER} is graded"),
    "raw cell": (raw, "is a raw cell, which does not run: make it a code cell again"),
    "check changed": (
        lambda n: tagged(n, "check").update(source="score = 10"),
        f"was changed; copy cell {number('check')} of",
    ),
    "start": (lambda n: tagged(n, "implementation").update(source=known.START), "still as it was handed out"),
    "emptied": (
        lambda n: tagged(n, "implementation").update(source="# my answer"),
        f"there is no class {HANDOUT.class_name} in what is graded",
    ),
    "not Python": (
        lambda n: tagged(n, "implementation").update(source=f"{known.START}\nprint((1)"),
        f"Python does not understand line {known.START.count(chr(10)) + 2} of cell {ANSWER}",
    ),
    "elsewhere": (another_class, f"but the tagged cell {ANSWER} is graded"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_tags_and_types_that_would_be_in_the_way_are_named(kind: str, tmp_path: Path, capsys: Capture) -> None:
    change, says = CHANGES[kind]
    notebook = right()
    change(notebook)
    fine = "nothing" in says
    assert main(["check", str(write(tmp_path / "hw.ipynb", notebook))]) == (0 if fine else 1)
    said = capsys.readouterr().out
    assert said.startswith("hw.ipynb: ")
    assert says in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hw.ipynb.txt", "has to end in .ipynb: call it hw.ipynb"),
        ("hw", "has to end in .ipynb: call it hw.ipynb"),
        (".hw.ipynb", "begins with a dot, and such files are passed over: call it hw.ipynb"),
        ("hw (1).ipynb", "nothing is in the way"),
    ],
)
def test_a_files_name_that_would_be_in_the_way_is_named(name: str, says: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(right()), encoding="utf-8")
    assert main(["check", str(path)]) == (0 if says.startswith("nothing") else 1)
    assert says in capsys.readouterr().out


def test_scripts_and_what_is_not_there(tmp_path: Path, capsys: Capture) -> None:
    set_up(tmp_path, "script", Task.load(HANDOUT))
    assert main(["check", str(tmp_path)]) == 1
    assert "still as it was handed out" in capsys.readouterr().out
    script = tmp_path / HANDOUT.script
    script.write_text(f"import numpy as np\n\n\n{known.REFERENCE}", encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 0
    assert "dropout.py is graded" in capsys.readouterr().out
    assert main(["check", str(script.rename(tmp_path / "my layer.py"))]) == 1
    assert "a script has to be called dropout.py" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "nowhere.ipynb")]) == 2
    assert "there is no" in capsys.readouterr().err
