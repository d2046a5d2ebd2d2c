"""The commands around a graded class: what goes to other systems. Light until one is given."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import GRADER_FAILED, NOT_PASSED, OK, UsageError
from grader.settings import Settings

FORMATS = (
    *("csv", "jsonl", "gradescope", "junit", "nbgrader"),
    *("canvas", "canvas-feedback", "moodle", "moodle-feedback"),
)


def add_to(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    check = commands.add_parser("check", help="before handing in: say what would be in the way of a grading")
    check.add_argument("path", type=Path, metavar="NOTEBOOK", help="or a script, or the folder of both")
    check.add_argument("--task", type=Path, metavar="NOTEBOOK", help="your teacher's own version of the task notebook")
    check.set_defaults(call=_check)
    report = commands.add_parser("report", help="write the class report and the pages that changed, from a gradebook")
    report.add_argument("folder", type=Path, metavar="DIR", help="where grade has written to")
    with_roster(report)
    report.set_defaults(call=_report)
    export = commands.add_parser("export", help="write a gradebook for another system")
    export.add_argument("folder", type=Path, metavar="DIR", help="where grade has written to")
    export.add_argument("--format", required=True, choices=FORMATS, help="whose form")
    export.add_argument("--to", type=Path, metavar="PATH", help="default: standard output, or a folder below DIR")
    export.add_argument(
        "--points", default="1", metavar="N", help="of a pass (default: %(default)s), or of rules: R7=6,R8=2"
    )
    export.add_argument("--assignment", default="", metavar="TITLE", help="as Canvas or Moodle calls it")
    with_roster(export)
    export.set_defaults(call=_export)


def with_roster(command: Any) -> None:
    command.add_argument("--roster", type=Path, metavar="CSV", help="Canvas's or Moodle's own list of the students")
    command.add_argument("--columns", type=_pairs, metavar="ROLE=COLUMN,…", help="what its columns are: id=…, email=…")


def _pairs(text: str) -> dict[str, str]:
    """``last=Nachname,first=Vorname``"""
    return {role.strip(): column.strip() for role, _, column in (part.partition("=") for part in text.split(","))}


def _check(path: Path, task: Path | None) -> int:
    from grader.exercises.interface import load
    from grader.submissions.handin import in_the_way
    from grader.submissions.task import Task

    if not path.exists():
        raise UsageError(f"there is no {path}: give a notebook, a script or a folder with one of them")
    problems, graded = in_the_way(path, Task.load(load(Settings().exercise).handout, task))
    for problem in problems:
        print(f"{path.name}: {problem}")
    if not problems:
        print(f"{path.name}: nothing is in the way; {graded} is graded. Whether it is right, the check in it says.")
    return NOT_PASSED if problems else OK


def _report(folder: Path, roster: Path | None, columns: Mapping[str, str] | None) -> int:
    from grader.course.run import rewrite
    from grader.report.roster import Roster

    print(rewrite(folder, Roster.read(roster, columns) if roster else None))
    return OK


def _export(
    folder: Path,
    format: str,
    to: Path | None,
    points: str,
    assignment: str,
    roster: Path | None,
    columns: Mapping[str, str] | None,
) -> int:
    from grader.course.gradebook import load
    from grader.report.formats import export
    from grader.report.marks import Points
    from grader.report.order import Order
    from grader.report.roster import Roster

    worth, students = Points.read(points), Roster.read(roster, columns) if roster else None
    order = Order(folder, to, worth.full, assignment, roster=students, weights=worth.rules)
    found = export(load(folder), format, order)
    left_out = {"the grader failed on it": found.unjudged, f"not in {roster}": found.unknown}
    left_out[f"in {roster}, more than one fits: name files by their login"] = found.unclear
    left_out[f"no file of theirs has a name by which {format.partition('-')[0].title()} knows it"] = found.skipped
    for why, gradings in left_out.items():
        for grading in gradings:
            print(f"left out: {grading.student} ({why})", file=sys.stderr)
    if found.absent:
        print(f"nothing handed in: {'; '.join(found.absent)}", file=sys.stderr)
    if found.doubt:
        print(f"warning: {found.doubt}", file=sys.stderr)
    if found.where is not None:
        print(f"wrote {found.where}", file=sys.stderr)
    return GRADER_FAILED if found.unjudged else NOT_PASSED if found.unknown or found.unclear or found.skipped else OK
