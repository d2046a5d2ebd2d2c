"""What is handed out: the task notebook, its script form, and workspaces made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.exercises.interface import Handout
from grader.sandbox.account import Account
from grader.submissions.notebook import (
    Cell,
    Unreadable,
    answer_cells,
    notebook_cells,
    read_notebook,
    tagged_text,
)
from grader.submissions.source import fingerprint, same_code
from grader.submissions.upload import File


@dataclass(frozen=True)
class Task:
    """What was handed out: the notebook, its implementation cell and its check cells; ``handout`` has the names."""

    handout: Handout
    path: Path
    raw: dict[str, Any]
    cells: tuple[Cell, ...]

    @cached_property
    def start(self) -> str:
        return answer_cells(self.cells, self.handout.class_name)[1]

    @property
    def checks(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if "check" in cell.tags)

    @property
    def explanation(self) -> str:
        return tagged_text(self.cells, "explanation")

    @classmethod
    def load(cls, handout: Handout, path: Path | None = None) -> Task:
        """Read the exercise's notebook, or a teacher's own version of it.

        Raises ``UsageError`` if it has no implementation or no check cell.
        """
        path = path or handout.notebook
        return cls.of(handout, File.read(path), path)

    @classmethod
    def of(cls, handout: Handout, file: File, path: Path | None = None) -> Task:
        """The same of a file that was read already. ``path``: where that was, if here."""
        path = path or Path(file.name)
        try:
            raw = read_notebook(file.text(Account.of_submission()))
            task = cls(handout, path, raw, notebook_cells(raw))
        except Unreadable as error:
            raise UsageError(f"the task notebook {path} cannot be used: {error}") from error
        for wanted in ("implementation", "check"):
            if not any(wanted in cell.tags for cell in task.cells):
                raise UsageError(f"the task notebook {path} has no cell tagged {wanted!r}")
        return task


def worded(task: Task, wording: Mapping[str, str]) -> Task:
    """With other words in place of some; ``UsageError`` for those that do not stand in it once."""
    raw = json.loads(task.path.read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in raw["cells"]]
    for old, new in wording.items():
        if (times := sum(source.count(old) for source in sources)) != 1:
            raise UsageError(f"the task notebook {task.path} says {old!r} {times} times, where once is expected")
        sources = [source.replace(old, new) for source in sources]
    for cell, source in zip(raw["cells"], sources, strict=True):
        cell["source"] = source.splitlines(keepends=True)
    return replace(task, raw=raw, cells=notebook_cells(raw))


def untouched(answer: str, task: Task) -> bool:
    """Is this the cell as it was handed out, or the script made of it?"""
    return same_code(answer, task.start) or same_code(answer, script_source(task))


def script_source(task: Task) -> str:
    """The task as a file."""
    return as_script(task.start)


def as_script(cell: str) -> str:
    """An implementation cell as a file, with the import it relies on."""
    return f"import numpy as np\n\n\n{cell.rstrip()}\n"


def script_check(task: Task) -> str:
    """Its check: the notebook's check cells on the class in that file; exits 1 if the check fails."""
    given = task.handout
    cells = "\n\n\n".join(cell.source.rstrip() for cell in task.checks)
    return (
        f'"""The notebook\'s check, for {given.script}: python {given.script_check} exits 0 if it passes."""\n\n'
        f"import sys\n\nimport numpy as np\n"
        f"from {given.script.removesuffix('.py')} import {given.class_name}\n\n{cells}\n\n\n"
        "def test_the_layer():\n    assert score == 10\n\n\n"
        'if __name__ == "__main__":\n    sys.exit(0 if score == 10 else 1)\n'
    )


def check_fingerprints(task: Task) -> list[str]:
    """Of all forms in which its check goes out, to be known again later (``Handout.released``)."""
    return [fingerprint(source) for source in (*(cell.source for cell in task.checks), script_check(task))]


def set_up(workspace: Path, form: str, task: Task) -> list[Path]:
    """Write the task into a workspace. Raises ``UsageError`` rather than overwrite anything."""
    if form == "notebook":
        files = {task.handout.notebook.name: json.dumps(task.raw, indent=1, ensure_ascii=False) + "\n"}
    elif form == "script":
        files = {task.handout.script: script_source(task), task.handout.script_check: script_check(task)}
    else:
        raise UsageError(f"form is 'notebook' or 'script', got {form!r}")
    present = [name for name in files if (workspace / name).exists()]
    if present:
        held = " and ".join(present)
        raise UsageError(f"{workspace} already holds {held}; choose another folder, nothing was written")
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (workspace / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{workspace} cannot be set up: {error.strerror or error}") from error
    return [workspace / name for name in files]
