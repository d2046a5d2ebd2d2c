"""What Python users have, and the command line too. It composes the rooms and has no work of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from grader.course.executors import crew_of
from grader.course.gradebook import load
from grader.course.pool import grade_many
from grader.course.run import Order, make_folder, rewrite, run_class
from grader.errors import GraderError
from grader.exercises.interface import load as load_exercise
from grader.exercises.interface import options as own_options
from grader.judging.grading import Judge
from grader.report.class_report import ClassReport
from grader.report.drawing import draw
from grader.report.page import grade_html
from grader.report.roster import Roster
from grader.result import Grade, Grading, Status
from grader.settings import Settings
from grader.submissions.task import Task, as_script, script_check, script_source, set_up, worded
from grader.submissions.upload import Upload

__all__ = [
    "BUGGY_IMPLEMENTATION",
    "CORRECT_SOLUTION",
    "TASK_PROMPT",
    "TEST_SCRIPT",
    "ClassReport",
    "Grade",
    "Grader",
    "GraderError",
    "Settings",
    "draw_figure",
    "grade_class",
    "grade_files",
    "grade_solution",
    "load",
    "load_exercise",
    "make_folder",
    "setup_task_files",
    "write_pages",
]

TASK_PROMPT = load_exercise(Settings().exercise).handout.prompt.read_text(encoding="utf-8")
BUGGY_IMPLEMENTATION: str  # the file to repair, as it goes out
TEST_SCRIPT: str  # the visible test beside it
CORRECT_SOLUTION: str  # a right answer, for the trainer: it is in nothing that goes out
SOLUTION = ("passed", "feedback", "output", "reward", "status", "diagnosis", "findings", "seed")


def __getattr__(name: str) -> str:
    """The task's files, read when they are first asked for."""
    if name not in ("BUGGY_IMPLEMENTATION", "TEST_SCRIPT", "CORRECT_SOLUTION"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    exercise = load_exercise(Settings().exercise)
    task = Task.load(exercise.handout)
    right = next(example.source for example in exercise.examples if example.passes)
    texts = (script_source(task), script_check(task), as_script(right))
    globals().update(zip(("BUGGY_IMPLEMENTATION", "TEST_SCRIPT", "CORRECT_SOLUTION"), texts, strict=True))
    text: str = globals()[name]
    return text


class Grader(Judge):
    """Grades submissions under one set of settings; a context manager, because it keeps a sandbox."""

    def grade_solution(self, workspace: str | os.PathLike[str]) -> dict[str, Any]:
        """As the function of this name, without its start: for many verdicts, open one grader, with
        ``Settings(evidence="enough", execute="none")``."""
        return _solution(lambda: self.grade(workspace, curve=False))

    def grade_files(self, files: Mapping[str, str]) -> dict[str, Any]:
        """As the function of this name, without its start."""
        return _solution(lambda: self.judge(Upload.of_texts(files, self.exercise.handout), curve=False).grade)

    def grade_many(self, paths: Sequence[str | os.PathLike[str]]) -> Iterator[Grade]:
        """Grade many, ``settings.jobs`` at a time; Grades come in the order of the paths."""
        return grade_many(paths, self)


def grade_class(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] = "reports",
    settings: Settings | None = None,
    *,
    student_from: str | None = None,
    layout: str | None = None,
    figures: bool = True,
    png: bool = False,
    regrade: bool = False,
    executor: Executor | None = None,
) -> ClassReport:
    """A teacher's whole job: grade everything below the paths into a folder, with gradebook, figures and pages.

    Goes on where an earlier call was interrupted; what is graded already, with the same content, settings and version
    of the grader, is not graded again, unless ``regrade``. ``layout`` ("canvas", "folders" …) is how the paths are laid
    out; without it, they are taken as they look. ``executor``: whose workers grade, in place of this machine's; they
    have this version of the package, as with Dask's ``Client(…).get_executor()``.

    Returns every grading of the gradebook. Raises ``UsageError`` before anything is graded, ``OutputError`` when
    results cannot be written any more, ``GraderError`` when the workers do nothing any more, and ``KeyboardInterrupt``
    after Ctrl-C, when what was graded is kept.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    order = Order([Path(path) for path in several], Path(out), student_from, layout, figures, png, regrade)
    crew = crew_of(executor) if executor is not None else None
    if run_class(order, settings or Settings(), _Nobody(), crew=crew).interrupted:
        raise KeyboardInterrupt
    return load(out)


def grade_solution(workspace: str | os.PathLike[str], settings: Settings | None = None) -> dict[str, Any]:
    """Grade a workspace for a training loop or a script.

    Returns ``passed``, ``feedback``, ``output`` (what the submission printed, at most 10 kB), ``reward``, ``status``,
    ``diagnosis``, ``findings`` and ``seed``. Without ``settings`` it asks no more than the verdict needs. Raises
    ``GraderError``, and nothing else, when there is no such workspace and when the grader itself failed twice: a reward
    must never be made of that. It starts a sandbox and ends it: where there are many, ``Grader.grade_solution`` costs
    a verdict each.
    """
    with _opened(settings) as grader:
        return grader.grade_solution(workspace)


def grade_files(files: Mapping[str, str], settings: Settings | None = None) -> dict[str, Any]:
    """Grade a workspace that is no folder: texts by name, as in ``{"dropout.py": source}``.

    Returns and raises what ``grade_solution`` does. Whether the visible test came back as it went out is judged where
    it is among the files.
    """
    with _opened(settings) as grader:
        return grader.grade_files(files)


def _opened(settings: Settings | None) -> Grader:
    try:
        return Grader(settings or Settings(evidence="enough"))
    except GraderError:
        raise
    except Exception as error:
        raise GraderError(f"the grader could not be opened: {error!r}") from error


def _solution(graded: Callable[[], Grade]) -> dict[str, Any]:
    try:
        grade = graded()
    except GraderError:
        raise
    except Exception as error:
        raise GraderError(f"the grader itself failed; this says nothing about the submission: {error!r}") from error
    if grade.status is Status.GRADER_ERROR:
        raise GraderError(grade.feedback)
    plain = grade.to_dict()
    return {name: plain[name] for name in SOLUTION}


def setup_task_files(
    workspace: str | os.PathLike[str],
    form: str = "script",
    exercise: str = Settings().exercise,
    options: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write the task into a workspace: the starting code and its visible test, or with ``form="notebook"`` the lesson.

    ``options``: the exercise's own, as in ``Settings``, which the text and the check then say. What comes back is to be
    graded with the same, and with ``task`` set to the notebook that was written with them.
    Raises ``UsageError`` rather than overwrite an answer.
    """
    own = load_exercise(exercise)
    wording = own.wording(own_options(own, options or {}))
    return set_up(Path(workspace), form, worded(Task.load(own.handout), wording))


def write_pages(folder: str | os.PathLike[str], *, roster: str | os.PathLike[str] | None = None) -> Path:
    """Write the class report and the pages that have changed, from the gradebook alone; returns the first page.

    ``roster``: a list of the class, as Canvas or Moodle exports it; who is in it and has handed nothing in is named.
    """
    return rewrite(Path(folder), Roster.read(Path(roster)) if roster else None)


def draw_figure(grade: Grade, target: Path, *, png: bool = False) -> None:
    """Write a Grade's figure to ``target`` with the ending .svg, and .png if wanted."""
    draw(grade, target, {}, png=png)


class _Nobody:
    """Is told how a run goes on, and says nothing."""

    def noted(self, line: str) -> None: ...

    def resumed(self, before: int, total: int) -> None: ...

    def progress(self, total: int) -> AbstractContextManager[Callable[[Grade], None]]:
        return nullcontext(lambda grade: None)

    def graded(self, grading: Grading, *, before: bool) -> None: ...

    def not_drawn(self, name: str, error: Exception) -> None: ...

    def finished(self, standing: Callable[[], Iterator[Grading]], total: int, files: Sequence[str]) -> None: ...


def _show_in_notebooks() -> None:
    """A Grade shows itself in JupyterLab and knows nothing of the report: IPython is told what to show."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(Grade, grade_html)


_show_in_notebooks()
