"""Reads one submission: a notebook, a ``dropout.py`` or a workspace. Never runs anything.

A submission's metadata, outputs and kernelspec are ignored; only the tag ``implementation`` names the answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.notebook import (
    CLASS,
    Cell,
    Unreadable,
    answer_cells,
    brief,
    leads_out,
    notebook_cells,
    printable,
    read_found,
    read_notebook,
    read_text,
    tagged_text,
)
from grader.result import Status
from grader.source import MAX_SOURCE, same_code
from grader.task import SCRIPT, SCRIPT_CHECK, Task, script_check, untouched

EXPLANATION = "explanation.md"
COMPARED = 20  # times the length of a check cell: so much code is compared with it


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
    """Read a notebook, a script or a workspace. What is wrong with it is part of the value."""
    try:
        if path.is_dir():
            return _read_workspace(path, task)
        return _read_script(path, task) if path.suffix == ".py" else _read_notebook_file(path, task)
    except Unreadable as error:
        return Submission(path, problem=(Status.BAD_NOTEBOOK, brief(str(error))))
    except OSError as error:  # a path that leads through itself, or is too long
        return Submission(path, problem=(Status.BAD_NOTEBOOK, f"it cannot be read: {error.strerror or error}"))


def _read_workspace(folder: Path, task: Task) -> Submission:
    """The one form in it that was changed; notebooks without an answer are somebody's notes."""
    script = folder / SCRIPT
    paths = [*([script] if os.path.lexists(script) else []), *sorted(folder.glob("*.ipynb"))]
    forms = [_read_form(path, task) for path in paths]
    answers = [form for form in forms if form.problem is None]
    changed = [form for form in answers if not untouched(form.answer, task)]
    if len(changed) > 1:
        names = " and ".join(printable(form.path.name) for form in changed)
        raise Unreadable(f"there are two answers, {names}: keep the one that is to be graded")
    if not forms:
        raise Unreadable(f"there is no notebook and no {SCRIPT} in {printable(folder.name)}")
    return (changed or answers or forms)[0]


def _read_form(path: Path, task: Task) -> Submission:
    try:
        if leads_out(path):
            raise Unreadable(f"{printable(path.name)} is a link that leads out of the folder that was handed in")
        return _read_script(path, task) if path.name == SCRIPT else _read_notebook_file(path, task)
    except Unreadable as error:
        return Submission(path, problem=(Status.BAD_NOTEBOOK, brief(str(error))))


def _read_script(path: Path, task: Task) -> Submission:
    source = read_text(path)
    answer = source.removeprefix("\ufeff")
    check, notes = path.with_name(SCRIPT_CHECK), path.with_name(EXPLANATION)
    handed_back = os.path.lexists(check)
    changed = handed_back and not same_code(read_found(check), script_check(task))
    problem = None if answer.strip() else (Status.NO_CELL, f"{printable(path.name)} is empty")
    return Submission(
        path,
        answer=answer[:MAX_SOURCE],
        lines=tuple((0, number) for number in range(1, answer.count("\n", 0, MAX_SOURCE) + 2)),
        tampered=f"{SCRIPT_CHECK} was changed" if changed else None,
        honesty_judged=handed_back,
        explanation=read_found(notes).strip() if os.path.lexists(notes) else "",
        problem=problem or _too_long(answer),
    )


def _read_notebook_file(path: Path, task: Task) -> Submission:
    raw = read_notebook(path)
    cells = notebook_cells(raw)
    chosen, answer = answer_cells(cells)
    if not chosen:
        says = f"no cell is tagged 'implementation' and none defines the class {CLASS}"
        return Submission(path, notebook=raw, problem=(Status.NO_CELL, says))
    if problem := _too_long(answer):
        return Submission(path, notebook=raw, problem=problem)
    others = [cell for cell in cells if cell.type == "code" and cell not in chosen]
    strays = [cell for cell in others if cell.defines_class()]
    note, defined = "", any(cell.defines_class() for cell in chosen)
    if strays and (not defined or untouched(answer, task)):
        stray = f"Cell {strays[-1].index + 1} {'also ' if defined else ''}defines {CLASS}"
        note = f"{stray}, but the tagged cell {chosen[0].index + 1} is graded."
    return Submission(
        path,
        answer=answer,
        lines=tuple((c.index + 1, at) for c in chosen for at in range(1, c.source.count("\n") + 2)),
        notebook=raw,
        elsewhere=tuple(cell.source for cell in others),
        tampered=_tampered(cells, task),
        honesty_judged=True,
        explanation=_added(tagged_text(cells, "explanation"), task.explanation),
        note=note,
    )


def _too_long(answer: str) -> tuple[Status, str] | None:
    if len(answer) <= MAX_SOURCE:
        return None
    return Status.BAD_NOTEBOOK, f"the answer has {len(answer):,} characters; at most {MAX_SOURCE:,} are read"


def _added(text: str, given: str) -> str:
    """Without the lines that were handed out."""
    known = {line.strip() for line in given.splitlines()}
    return "\n".join(line for line in text.splitlines() if line.strip() not in known).strip()


def _tampered(cells: Sequence[Cell], task: Task) -> str | None:
    """Which check cell did not come back. Its place and its layout may change, its syntax tree may not; and no other
    code may go by its tag."""
    code = [cell for cell in cells if cell.type == "code"]
    tagged = [cell for cell in cells if "check" in cell.tags]
    for check in task.checks:
        if any(same_code(cell.source, check.source) for cell in _alike(code, check)):
            continue
        where = f"the check cell (cell {tagged[0].index + 1}) was changed" if tagged else "the check cell is missing"
        return f"{where}; copy cell {check.index + 1} of the task notebook back in its place"
    for cell in tagged:
        if not any(same_code(cell.source, check.source) for check in task.checks):
            return f"cell {cell.index + 1} is tagged as the check and is none; copy the check cell back in its place"
    return None


def _alike(cells: Sequence[Cell], check: Cell) -> Iterator[Cell]:
    """Those nearest in length, as far as the time to compare them allows."""
    budget = COMPARED * len(check.source)
    for cell in sorted(cells, key=lambda cell: abs(len(cell.source) - len(check.source))):
        budget -= len(cell.source)
        if budget < 0:
            return
        yield cell
