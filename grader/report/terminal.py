"""What the command line shows while it grades and at the end. rich is imported only to draw."""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill, shorten
from typing import Literal, TextIO

from grader.errors import OutputError
from grader.exercises.interface import load
from grader.report.entries import count_line, percent
from grader.report.exports import flat_row
from grader.report.streams import say
from grader.result import Grade, Grading, Status

PACE_EVERY_S = 10.0  # of the plain lines that say how far the batch is
BAR = 20  # its width: of 80 columns it leaves 25 to the counts, which are cut where that is not enough
TABLE_ROWS = 60  # of a larger class, the table shows those without a verdict only
STYLES = {"pass": "green", "fail": "red"}


class Pace:
    """How far a batch is: the count by verdict, the rate, and the time left at that rate."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.verdicts: Counter[str] = Counter()
        self.started = time.monotonic()

    @property
    def done(self) -> int:
        return self.verdicts.total()

    def counts(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in self.verdicts.most_common())

    def rate(self, elapsed_s: float) -> str:
        """ "12.5/s", or "4.2/min" where that is easier to think of."""
        speed = self.done / max(elapsed_s, 1e-3)
        return f"{speed:.1f}/s" if speed >= 1 else f"{60 * speed:.1f}/min"

    def left(self, elapsed_s: float) -> str:
        seconds = round(elapsed_s / self.done * (self.total - self.done)) if self.done else 0
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"

    def line(self, elapsed_s: float) -> str:
        left, rate = self.left(elapsed_s), self.rate(elapsed_s)
        return f"{self.done} of {self.total} graded: {self.counts()} · {rate} · {left} left"


def _draws_on(stream: TextIO) -> bool:
    """Is it a terminal, and is rich there?"""
    return stream.isatty() and find_spec("rich") is not None


def _lines(pace: Pace) -> Callable[[Grade], None]:
    said = pace.started

    def advance(grade: Grade) -> None:
        nonlocal said
        verdict = grade.verdict
        pace.verdicts[verdict] += 1
        print(f"{grade.submission}: {verdict}", file=sys.stderr, flush=True)
        if (now := time.monotonic()) - said >= PACE_EVERY_S:
            said = now
            print(pace.line(now - pace.started), file=sys.stderr, flush=True)

    return advance


@contextmanager
def _bar(pace: Pace) -> Iterator[Callable[[Grade], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.table import Column

    columns = (
        TextColumn("grading"),
        BarColumn(BAR),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[left]}", table_column=Column(no_wrap=True)),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as progress:
        task = progress.add_task("", total=pace.total, rate="", left="")

        def advance(grade: Grade) -> None:
            pace.verdicts[grade.verdict] += 1
            elapsed_s = time.monotonic() - pace.started  # batches come back all at once: no moment's speed is the rate
            rate, left = pace.rate(elapsed_s), f"{pace.left(elapsed_s)} left"
            progress.update(task, advance=1, description=pace.counts(), rate=rate, left=left)

        yield advance


WHY = 240  # characters, on why there is no verdict
HEADS = ["student", "verdict", "mistake", "worst error", "notebook"]
RIGHT, WRAPPED = 3, (0, 2, 4)  # columns of the table: flush right, and those that take several lines where it is narrow


@dataclass(frozen=True)
class Terminal:
    """Tells a person, or with ``json_lines`` a program, how a run goes on. ``quiet``: the count line, and errors."""

    out: Path
    quiet: bool = False
    json_lines: bool = False

    def noted(self, line: str) -> None:
        if not self.quiet:
            say(line)

    def resumed(self, before: int, total: int) -> None:
        message = f"{before} of {total} were graded before (same content, settings and version)"
        say(f"{message}; grading {total - before}")

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[Grade], None]]:
        """Yields what is to be called with every Grade that gets ready: it moves a bar on a terminal, and prints plain
        lines elsewhere."""
        shown: AbstractContextManager[Callable[[Grade], None]] = nullcontext(lambda grade: None)
        if total and not self.quiet:
            shown = _bar(Pace(total)) if _draws_on(sys.stderr) else nullcontext(_lines(Pace(total)))
        try:
            with shown as advance:
                yield advance
        except BrokenPipeError as error:  # as with | head: not everything is graded, and that is no success
            message = "nobody reads the output any more; what was graded is kept"
            raise OutputError(f"{message}, and the same command goes on from there") from error

    def graded(self, grading: Grading, *, before: bool) -> None:
        """With ``json_lines``, one object on standard output, and the next program has it at once."""
        if not self.json_lines:
            return
        row = {**flat_row(grading), "graded_before": before}
        infinite = [name for name, value in row.items() if isinstance(value, float) and not math.isfinite(value)]
        print(json.dumps(row | dict.fromkeys(infinite)), flush=True)

    def not_drawn(self, name: str, error: Exception) -> None:
        message = f"written: {error.strerror}" if isinstance(error, OSError) else f"drawn: {error!r}"
        print(f"{name}: its figure cannot be {message}", file=sys.stderr)

    def finished(self, standing: Callable[[], Iterator[Grading]], total: int, files: Sequence[str]) -> None:
        if self.json_lines:
            return
        if not self.quiet:
            _print_table(standing(), total)
            print()
        print(_wrapped(count_line(grading.grade for grading in standing() if grading.counted)))
        if not self.quiet:
            print(_wrapped(f"In {self.out}/: {', '.join(files)}"))


def _print_table(gradings: Iterable[Grading], total: int) -> None:
    """All of a class of up to 60; of a larger one those without a verdict, which need attention. The others' mistakes
    are in the count line, and everybody is in results.csv."""
    rows: list[tuple[str, ...]] = []
    why: list[str] = []
    more, note = 0, ""
    for grading in gradings:
        grade = grading.grade
        if total > TABLE_ROWS and grade.status in (Status.GRADED, Status.NOT_ATTEMPTED):
            continue
        if len(rows) == TABLE_ROWS:
            more += 1
            continue
        who = grading.student + (f", attempt {grading.attempt}" if grading.attempt > 1 else "")
        verdict = grade.verdict + ", late" * grading.late
        mistake = "" if grade.passed or grade.diagnosis == grade.verdict else grade.diagnosis
        rows.append((who, verdict, mistake, percent(grade.worst_error), grade.execution.replace("_", " ")))
        chart = load(grade.exercise).chart
        note = f"worst error: the largest {chart.error} at published {chart.x.label.partition(',')[0]}"
        if grade.status not in (Status.GRADED, Status.NOT_ATTEMPTED):
            why.append(f"{who}: {shorten(grade.feedback, WHY)}")
    if rows:
        (_draw_table if _draws_on(sys.stdout) else _write_table)(HEADS, rows)
        print(note)
    if why:
        print("", *map(_wrapped, why), sep="\n")
    if total > TABLE_ROWS:
        print(f"{f'{more} more without a verdict, and ' if more else ''}every submission: see results.csv")


def _wrapped(text: str) -> str:
    """On a terminal, between words."""
    if not sys.stdout.isatty():
        return text
    width = get_terminal_size().columns
    return fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _write_table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    """Plain columns; where nobody sees colours, rich would be imported for nothing."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = (
            text.rjust(width) if n == RIGHT else text.ljust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def _draw_table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for n, head in enumerate(heads):
        justify: Literal["left", "right"] = "right" if n == RIGHT else "left"
        table.add_column(head, justify=justify, no_wrap=n not in WRAPPED, overflow="fold")
    for row in rows:  # Text, not str: a submission's name is no markup
        style = STYLES.get(row[1].partition(",")[0], "yellow")
        table.add_row(*(Text(text, style if n == 1 else "") for n, text in enumerate(row)))
    Console().print(table)
