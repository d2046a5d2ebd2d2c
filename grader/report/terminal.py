"""What the command line shows while it grades and at the end. rich is imported only to draw."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from grader.result import Grade, Status

if TYPE_CHECKING:
    from rich.console import Console


def progress(total: int) -> AbstractContextManager[Callable[[Grade], None]]:
    """A bar with the time left on a terminal, a plain line for each submission elsewhere."""
    if not sys.stderr.isatty():
        return nullcontext(lambda grade: print(f"{grade.submission}: {_verdict(grade)}", file=sys.stderr))
    return _bar(total)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[Grade], None]]:
    """Yields what is to be called with every Grade that gets ready."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("grading", total=total)
        passed = 0

        def advance(grade: Grade) -> None:
            nonlocal passed
            passed += grade.passed
            progress.update(task, advance=1, description=f"grading, {passed} correct")

        yield advance


def _verdict(grade: Grade) -> str:
    if grade.status is Status.GRADED:
        return "pass" if grade.passed else "fail"
    return grade.status.value.replace("_", " ")


def _percent(error: float) -> str:
    return f"{error:+.1%}" if math.isfinite(error) else "–"


def print_table(grades: Sequence[Grade]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in (("submission", "left"), ("verdict", "left"), ("worst variance error", "right")):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("diagnosis")
    table.add_column("notebook")
    styles = {"pass": "green", "fail": "red"}
    for grade in grades:  # Text, not str: a submission's name is no markup
        row = (grade.submission, _verdict(grade), _percent(grade.worst_variance_error), grade.diagnosis)
        table.add_row(Text(row[0]), Text(row[1], styles.get(row[1], "yellow")), *map(Text, (*row[2:], grade.execution)))
    _console().print(table)


def _console() -> Console:
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=160)
