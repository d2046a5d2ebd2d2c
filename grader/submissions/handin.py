"""Before handing in: what would be in the way of a grading. Reads, runs nothing, and judges no layer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.submissions.notebook import printable
from grader.submissions.read import Submission, read
from grader.submissions.source import bound_names, broken_line, parse
from grader.submissions.task import Task, untouched
from grader.submissions.upload import Upload


def in_the_way(path: Path, task: Task) -> tuple[list[str], str]:
    """Sentences for the learner, and which cells would be graded, as far as there are any."""
    submission = read(Upload.read(path, task.handout), task)
    of_its_name = list(_of_its_name(path, task))
    unread = of_its_name and submission.problem is not None  # of which nothing more is to be said
    return [*of_its_name, *(() if unread else _of_its_content(submission, task))], _graded(submission)


def _of_its_name(path: Path, task: Task) -> Iterator[str]:
    name, script = path.name, task.handout.script
    if path.is_dir():
        return
    if name.startswith("."):
        yield f"its name begins with a dot, and such files are passed over: call it {printable(name.lstrip('.'))}"
    if path.suffix.lower() not in (".ipynb", ".py"):
        yield f"its name has to end in .ipynb: call it {printable(name.partition('.')[0])}.ipynb"
    elif path.suffix.lower() == ".py" and name != script:
        yield f"a script has to be called {script}, or it is found only where it is handed in alone"


def _of_its_content(submission: Submission, task: Task) -> Iterator[str]:
    if submission.problem is not None:
        yield submission.problem[1].removeprefix(f"{printable(submission.path.name)}: ")
        return
    if submission.tampered:
        yield submission.tampered
    name = task.handout.class_name
    if line := broken_line(submission.answer):
        yield f"Python does not understand {submission.place(line)}"
    elif (tree := parse(submission.answer)) and name not in bound_names(tree):
        yield f"there is no class {name} in what is graded"
    if untouched(submission.answer, task):
        yield "what is graded is still as it was handed out"
    if submission.note:
        yield submission.note.rstrip(".")


def _graded(submission: Submission) -> str:
    cells = dict.fromkeys(str(cell) for cell, _ in submission.lines if cell)
    if cells:
        return f"{'cells' if len(cells) > 1 else 'cell'} {' and '.join(cells)}"
    return printable(submission.path.name) if submission.answer else ""
