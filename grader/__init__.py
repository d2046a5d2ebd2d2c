"""Teaching and grading the step from a paper's formula to code: variance-stabilized dropout."""

import os
import sys

if sys.version_info < (3, 11):  # before the first import that an older Python could not read
    raise SystemExit("grader needs Python 3.11 or later; this is Python %d.%d." % sys.version_info[:2])

# python -m puts the working folder first: a student's secrets.py in it would be run, by us and outside of all walls.
if sys.argv[0] == "-m" and not sys.flags.safe_path:  # so it is while python -m looks for us
    from_here = os.path.isdir(sys.path[0]) and os.path.samefile(sys.path[0], ".")  # noqa: PTH112, PTH121 (no imports)
    if from_here and not os.path.samefile(".", os.path.join(os.path.dirname(__file__), "..")):  # noqa: PTH118, PTH120, PTH121
        del sys.path[0]
        os.environ["PYTHONSAFEPATH"] = "1"  # nor do the processes that we start look there

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.errors import GraderError
    from grader.gradebook import load
    from grader.grading import Grader, grade_solution, setup_task_files
    from grader.prompt import TASK_PROMPT
    from grader.result import ClassReport, Grade
    from grader.settings import Settings

__all__ = ["TASK_PROMPT", "ClassReport", "Grade", "Grader", "GraderError", "Settings"]
__all__ += ["grade_solution", "load", "setup_task_files"]

_HOMES = {
    "GraderError": "errors",
    "load": "gradebook",
    "Grader": "grading",
    "grade_solution": "grading",
    "setup_task_files": "grading",
    "TASK_PROMPT": "prompt",
    "ClassReport": "result",
    "Grade": "result",
    "Settings": "settings",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line sets the stage before numpy comes in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"grader.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
