"""Reads one submission: a notebook, a ``dropout.py`` or a workspace. Never runs anything.

A submission's metadata, outputs and kernelspec are ignored; only the tag ``implementation`` names the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.notebook import CLASS, Cell, Unreadable, answer_cells, notebook_cells, read_notebook, read_text, tagged_text
from grader.result import Status
from grader.source import same_code
from grader.task import SCRIPT, SCRIPT_CHECK, Task, script_check, untouched

EXPLANATION = "explanation.md"


@dataclass(frozen=True)
class Submission:
    """What one learner handed in.

    ``answer`` is the source that is judged, ``lines`` maps each of its lines to (cell number, line in the cell), both
    from 1, as JupyterLab shows them. ``problem`` says why there is no answer, with its status. ``tampered`` names a
    check cell that did not come back as it went out; None where there is none to compare.
    """

    path: Path
    answer: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    notebook: dict[str, Any] | None = None
    elsewhere: tuple[str, ...] = ()
    tampered: str | None = None
    honesty_judged: bool = False
    explanation: str = ""
    problem: tuple[Status, str] | None = None
    note: str = ""

    def place(self, line: int) -> str:
        """Where a line of the answer stands, in the learner's own terms."""
        if not 1 <= line <= len(self.lines):
            return ""
        cell, at = self.lines[line - 1]
        return f"line {at} of cell {cell}" if cell else f"line {at} of {self.path.name}"


def read(path: Path, task: Task) -> Submission:
    """Read a notebook, a script or a workspace. What is wrong with it is part of the value; raises ``UsageError``
    only where both forms of a workspace were changed, because nobody can know which one counts."""
    try:
        if path.is_dir():
            return _read_workspace(path, task)
        return _read_script(path, task) if path.suffix == ".py" else _read_notebook_file(path, task)
    except Unreadable as error:
        return Submission(path, problem=(Status.BAD_NOTEBOOK, str(error)))


def _read_workspace(folder: Path, task: Task) -> Submission:
    script = folder / SCRIPT
    notebooks = [path for path in sorted(folder.glob("*.ipynb")) if path.name != SCRIPT]
    if script.exists() and notebooks:
        forms = [_read_script(script, task), *(_read_notebook_file(path, task) for path in notebooks)]
        changed = [form for form in forms if form.problem or not untouched(form.answer, task)]
        if len(changed) > 1:
            names = " and ".join(form.path.name for form in changed)
            raise UsageError(f"{folder} holds two answers, {names}: keep the one that is to be graded")
        return changed[0] if changed else forms[1]
    if script.exists():
        return _read_script(script, task)
    if len(notebooks) == 1:
        return _read_notebook_file(notebooks[0], task)
    if notebooks:
        raise UsageError(f"{folder} holds {len(notebooks)} notebooks; name the one to grade")
    raise Unreadable(f"there is no notebook and no {SCRIPT} in {folder.name}")


def _read_script(path: Path, task: Task) -> Submission:
    source = read_text(path)
    answer = source.removeprefix("\ufeff")
    lines = tuple((0, number) for number in range(1, answer.count("\n") + 2))
    check = path.with_name(SCRIPT_CHECK)
    tampered = None
    if check.exists() and not same_code(read_text(check), script_check(task)):
        tampered = f"{SCRIPT_CHECK} was changed"
    notes = path.with_name(EXPLANATION)
    return Submission(
        path,
        answer=answer,
        lines=lines,
        tampered=tampered,
        honesty_judged=check.exists(),
        explanation=read_text(notes).strip() if notes.exists() else "",
        problem=None if answer.strip() else (Status.NO_CELL, f"{path.name} is empty"),
    )


def _read_notebook_file(path: Path, task: Task) -> Submission:
    raw = read_notebook(path)
    cells = notebook_cells(raw)
    chosen, answer = answer_cells(cells)
    if not chosen:
        says = f"no cell is tagged 'implementation' and none defines the class {CLASS}"
        return Submission(path, notebook=raw, problem=(Status.NO_CELL, says))
    others = [cell for cell in cells if cell.type == "code" and cell not in chosen]
    strays = [cell for cell in others if cell.defines_class()]
    note = ""
    if strays and untouched(answer, task):
        note = f"Cell {strays[-1].index + 1} also defines {CLASS}, but the tagged cell {chosen[0].index + 1} is graded."
    explanation = tagged_text(cells, "explanation")
    return Submission(
        path,
        answer=answer,
        lines=tuple((c.index + 1, at) for c in chosen for at in range(1, c.source.count("\n") + 2)),
        notebook=raw,
        elsewhere=tuple(cell.source for cell in others),
        tampered=_tampered(cells, task),
        honesty_judged=True,
        explanation="" if explanation == task.explanation else explanation,
        note=note,
    )


def _tampered(cells: Sequence[Cell], task: Task) -> str | None:
    """Which check cell did not come back. Its place, its tag and its layout may change, its syntax tree may not."""
    for check in task.checks:
        near = 2 * len(check.source)  # reformatted it may be longer; much longer code is another cell
        alike = (cell for cell in cells if cell.type == "code" and len(cell.source) < near)
        if any(same_code(cell.source, check.source) for cell in alike):
            continue
        changed = [cell for cell in cells if "check" in cell.tags]
        where = f"the check cell (cell {changed[0].index + 1}) was changed" if changed else "the check cell is missing"
        return f"{where}; copy cell {check.index + 1} of the task notebook back in its place"
    return None
