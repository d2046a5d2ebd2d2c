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
    from grader.api import (
        BUGGY_IMPLEMENTATION,
        CORRECT_SOLUTION,
        TASK_PROMPT,
        TEST_SCRIPT,
        ClassReport,
        Grade,
        Grader,
        GraderError,
        Settings,
        grade_class,
        grade_files,
        grade_solution,
        load,
        load_exercise,
        setup_task_files,
    )
    from grader.rl.rewards import RewardPool, rewards

__all__ = ["TASK_PROMPT", "ClassReport", "Grade", "Grader", "GraderError", "Settings", "grade_class", "grade_solution"]
__all__ += ["RewardPool", "load", "load_exercise", "rewards", "setup_task_files"]
__all__ += ["BUGGY_IMPLEMENTATION", "CORRECT_SOLUTION", "TEST_SCRIPT", "grade_files"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line sets the stage before numpy comes in."""
    if name not in __all__:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    if name in ("RewardPool", "rewards"):
        from grader.rl import rewards

        value = getattr(rewards, name)
    else:
        from grader import api

        value = getattr(api, name)
    globals()[name] = value
    return value
