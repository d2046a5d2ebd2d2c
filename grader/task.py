"""What is handed out: the task notebook, its script form, and workspaces made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.notebook import CLASS, Cell, Unreadable, answer_cells, notebook_cells, read_notebook, tagged_text
from grader.source import same_code

NOTEBOOK = "variance_dropout_task.ipynb"
SCRIPT = "dropout.py"
SCRIPT_CHECK = "test_dropout.py"

_PACKAGE = Path(__file__).parent


def packaged(name: str) -> Path:
    """A file of the repository that travels into the wheel as package data."""
    inside = _PACKAGE / "data" / Path(name).name
    return inside if inside.exists() else _PACKAGE.parent / name


@dataclass(frozen=True)
class Task:
    """What was handed out: the notebook, its implementation cell and its check cells."""

    path: Path
    raw: dict[str, Any]
    cells: tuple[Cell, ...]

    @cached_property
    def start(self) -> str:
        return answer_cells(self.cells)[1]

    @property
    def checks(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if "check" in cell.tags)

    @property
    def explanation(self) -> str:
        return tagged_text(self.cells, "explanation")

    @classmethod
    def load(cls, path: Path | None = None) -> Task:
        """Read a task notebook. Raises ``UsageError`` if it has no implementation or no check cell."""
        path = path or packaged(f"notebooks/{NOTEBOOK}")
        try:
            raw = read_notebook(path)
            task = cls(path, raw, notebook_cells(raw))
        except Unreadable as error:
            raise UsageError(f"the task notebook {path} cannot be used: {error}") from error
        for wanted in ("implementation", "check"):
            if not any(wanted in cell.tags for cell in task.cells):
                raise UsageError(f"the task notebook {path} has no cell tagged {wanted!r}")
        return task


def untouched(answer: str, task: Task) -> bool:
    """Is this the cell as it was handed out, or the script made of it?"""
    return same_code(answer, task.start) or same_code(answer, script_source(task))


def script_source(task: Task) -> str:
    """``dropout.py``: the implementation cell with the import it relies on."""
    return f"import numpy as np\n\n\n{task.start.rstrip()}\n"


def script_check(task: Task) -> str:
    """``test_dropout.py``: the notebook's check cells on the class of ``dropout.py``; exits 1 if the check fails."""
    cells = "\n\n\n".join(cell.source.rstrip() for cell in task.checks)
    return (
        '"""The notebook\'s check, for dropout.py: python test_dropout.py exits 0 if it passes."""\n\n'
        f"import sys\n\nimport numpy as np\nfrom dropout import {CLASS}\n\n{cells}\n\n"
        "sys.exit(0 if score == 10 else 1)\n"
    )


def set_up(workspace: Path, form: str, task: Task) -> list[Path]:
    """Write the task into a workspace. Raises ``UsageError`` rather than overwrite anything."""
    if form == "notebook":
        files = {NOTEBOOK: task.path.read_text(encoding="utf-8")}
    elif form == "script":
        files = {SCRIPT: script_source(task), SCRIPT_CHECK: script_check(task)}
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
