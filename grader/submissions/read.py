"""Understands one submission: a notebook, a script or a workspace. Never runs anything.

A submission's metadata, outputs and kernelspec are ignored; only the tag ``implementation`` names the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.result import Status
from grader.submissions.notebook import (
    Cell,
    Unreadable,
    answer_cells,
    brief,
    mentioning,
    notebook_cells,
    printable,
    read_notebook,
    tagged_text,
)
from grader.submissions.source import MAX_SOURCE, beyond, changed_attributes, fingerprint, same_code
from grader.submissions.task import Task, script_check, untouched
from grader.submissions.upload import EXPLANATION, Upload

MAX_EXPLANATION = 20_000  # characters that are kept: an essay of eight pages
COMPARED = 20  # times the length of a check cell: so much code is compared with it


@dataclass(frozen=True)
class Submission:
    """What one learner handed in.

    ``answer`` is the source that is judged, ``lines`` maps each of its lines to (cell number, line in the cell), both
    from 1, as JupyterLab shows them. ``problem`` message why there is no answer, with its status. ``tampered`` names a
    check that did not come back as it went out; None where there is none to compare. ``elsewhere``: the
    notebook's other code cells.
    """

    path: Path
    answer: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    notebook: dict[str, Any] | None = None
    elsewhere: tuple[Cell, ...] = ()
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


def read(upload: Upload, task: Task) -> Submission:
    """Understand a notebook, a script or a workspace. What is wrong with it is part of the value."""
    if upload.problem:
        return Submission(upload.path, problem=(Status.BAD_NOTEBOOK, upload.problem))
    try:
        if upload.folder:
            return _read_workspace(upload, task)
        return _read_form(upload, upload.path, task)
    except Unreadable as error:
        return Submission(upload.path, problem=(Status.BAD_NOTEBOOK, brief(str(error))))


def is_changed(path: Path, task: Task) -> bool | None:
    """Does it hold an answer that is not as it went out? None: it cannot be read."""
    submission = read(Upload.read(path, task.handout), task)
    if submission.problem is not None:
        return False if submission.problem[0] is Status.NO_CELL else None
    return not untouched(submission.answer, task)


def _read_workspace(upload: Upload, task: Task) -> Submission:
    """The one form in it that was changed; notebooks without an answer are somebody's notes."""
    script = task.handout.script
    names = [file.name for file in upload.files if file.name == script or file.name.endswith(".ipynb")]
    forms = [_found(upload, name, task) for name in sorted(names, key=lambda name: (name != script, name))]
    answers = [form for form in forms if form.problem is None]
    changed = [form for form in answers if not untouched(form.answer, task)]
    if len(changed) > 1:
        told = " and ".join(printable(form.path.name) for form in changed)
        raise Unreadable(f"there are two answers, {told}: keep the one that is to be graded")
    if not forms:
        raise Unreadable(f"there is no notebook and no {script} in {printable(upload.path.name)}")
    return (changed or answers or forms)[0]


def _found(upload: Upload, name: str, task: Task) -> Submission:
    try:
        return _read_form(upload, upload.path / name, task)
    except Unreadable as error:
        return Submission(upload.path / name, problem=(Status.BAD_NOTEBOOK, brief(str(error))))


def _read_form(upload: Upload, path: Path, task: Task) -> Submission:
    file = upload.file(path.name)
    text = file.text(upload.account) if file else ""
    return _read_script(upload, path, text, task) if path.suffix == ".py" else _read_notebook(path, text, task)


def _read_script(upload: Upload, path: Path, text: str, task: Task) -> Submission:
    answer = text.removeprefix("\ufeff")
    check, notes = upload.file(task.handout.script_check), upload.file(EXPLANATION)
    problem = None if answer.strip() else (Status.NO_CELL, f"{printable(path.name)} is empty")
    # a folder that holds a notebook, too, is a learner's, who may never have had the check as a file
    workspace = upload.folder and not any(file.name.endswith(".ipynb") for file in upload.files)
    tampered = None
    if check is None and workspace:
        tampered = f"{task.handout.script_check} is missing"
    elif check is not None and not _is_check(check.text(upload.account), script_check(task), task):
        tampered = f"{task.handout.script_check} was changed"
    return Submission(
        path,
        answer=answer[:MAX_SOURCE],
        lines=tuple((0, number) for number in range(1, answer.count("\n", 0, MAX_SOURCE) + 2)),
        tampered=tampered,
        honesty_judged=check is not None or workspace,
        explanation=_kept(notes.text(upload.account)) if notes else "",
        problem=problem or _too_long(answer),
    )


def _read_notebook(path: Path, text: str, task: Task) -> Submission:
    raw = read_notebook(text)
    cells = notebook_cells(raw)
    chosen, answer = answer_cells(cells, task.handout.class_name, task.start)
    if not chosen:
        message = _why_no_answer(cells, task.handout.class_name)
        return Submission(path, notebook=raw, problem=(Status.NO_CELL, message))
    if problem := _too_long(answer):
        return Submission(path, notebook=raw, problem=problem)
    others = [cell for cell in cells if cell.type == "code" and cell not in chosen]
    return Submission(
        path,
        answer=answer,
        lines=tuple((c.index + 1, at) for c in chosen for at in range(1, c.source.count("\n") + 2)),
        notebook=raw,
        elsewhere=tuple(others),
        tampered=_tampered(cells, task),
        honesty_judged=True,
        explanation=_added(tagged_text(cells, "explanation"), task.explanation),
        note=_note(chosen, others, task),
    )


def _why_no_answer(cells: Sequence[Cell], class_name: str) -> str:
    """Cells change their kind by one key in JupyterLab, and nobody notices."""
    for cell in reversed(cells):
        if cell.type != "code" and ("implementation" in cell.tags or cell.mentions(class_name)):
            what = "is tagged 'implementation'" if "implementation" in cell.tags else f"holds the class {class_name}"
            kind = printable(cell.type)
            return f"cell {cell.index + 1} {what}, but is a {kind} cell, which does not run: make it a code cell again"
    return f"no cell is tagged 'implementation' and none defines the class {class_name}"


def _note(chosen: Sequence[Cell], others: Sequence[Cell], task: Task) -> str:
    """What another cell does to the class, which may be what its author counts on."""
    name = task.handout.class_name
    number = chosen[0].index + 1
    graded = f"the tagged cell {number}" if "implementation" in chosen[0].tags else f"cell {number}"
    defined = any(cell.defines(name) for cell in chosen)
    strays = [cell for cell in mentioning(name, others) if cell.defines(name)]
    if strays:
        stray = f"Cell {strays[-1].index + 1} {'also ' if defined else ''}defines {name}"
        return f"{stray}, but {graded} is graded."
    for cell in mentioning(name, others):
        lessons = any(cell.source == known.source for known in task.cells)
        if not lessons and (changed := changed_attributes(cell.runs, name)):
            return f"Cell {cell.index + 1} changes {changed[0]}, but only {graded} is graded: write it there."
    return ""


def _too_long(answer: str) -> tuple[Status, str] | None:
    return (Status.BAD_NOTEBOOK, f"the answer has {too_much}") if (too_much := beyond(answer)) else None


def _added(text: str, given: str) -> str:
    """Without the lines that were handed out."""
    known = {line.strip() for line in given.splitlines()}
    lines = text[:MAX_SOURCE].splitlines()
    return _kept("\n".join(line for line in lines if line.strip() not in known) + text[MAX_SOURCE:][:1])


def _kept(explanation: str) -> str:
    """It goes into the gradebook, the pages and the exports."""
    text = explanation.strip()
    if len(text) <= MAX_EXPLANATION:
        return text
    return f"{text[:MAX_EXPLANATION]}\n… cut here: the explanation is longer than {MAX_EXPLANATION:,} characters"


def _tampered(cells: Sequence[Cell], task: Task) -> str | None:
    """Which check cell did not come back. Its place, its kind and its layout may change, what it does may not; and no
    other code may go by its tag."""
    tagged = [cell for cell in cells if "check" in cell.tags]
    for check in task.checks:
        if any(_is_check(cell.source, check.source, task) for cell in _alike(cells, check)):
            continue
        where = f"the check cell (cell {tagged[0].index + 1}) was changed" if tagged else "the check cell is missing"
        return f"{where}; copy cell {check.index + 1} of the task notebook back in its place"
    for cell in tagged:
        if not any(_is_check(cell.source, check.source, task) for check in task.checks):
            return f"cell {cell.index + 1} is tagged as the check and is none; copy the check cell back in its place"
    return None


def _is_check(source: str, check: str, task: Task) -> bool:
    """Is it this check, or that of an earlier hand-out?"""
    return same_code(source, check) or (len(source) <= MAX_SOURCE and fingerprint(source) in task.handout.released)


def _alike(cells: Sequence[Cell], check: Cell) -> Iterator[Cell]:
    """Those that bear its tag, then those nearest in length, as far as the time to compare them allows."""
    budget = COMPARED * len(check.source)
    order = sorted(cells, key=lambda cell: ("check" not in cell.tags, abs(len(cell.source) - len(check.source))))
    for cell in order:
        budget -= len(cell.source)
        if budget < 0:
            return
        yield cell
