"""What the command line shows while it grades and at the end. rich is imported only to draw."""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from grader.result import Grade, Grading, Status

PACE_EVERY_S = 10.0  # of the plain lines that say how far the batch is
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


def progress(total: int, *, quiet: bool = False) -> AbstractContextManager[Callable[[Grade], None]]:
    """Yields what is to be called with every Grade that gets ready: it moves a bar on a terminal, and prints plain
    lines elsewhere."""
    if quiet or not total:
        return nullcontext(lambda grade: None)
    return _bar(Pace(total)) if sys.stderr.isatty() else nullcontext(_lines(Pace(total)))


def _lines(pace: Pace) -> Callable[[Grade], None]:
    said = pace.started

    def advance(grade: Grade) -> None:
        nonlocal said
        verdict = verdict_of(grade)
        pace.verdicts[verdict] += 1
        print(f"{grade.submission}: {verdict}", file=sys.stderr, flush=True)
        if (now := time.monotonic()) - said >= PACE_EVERY_S:
            said = now
            print(pace.line(now - pace.started), file=sys.stderr, flush=True)

    return advance


@contextmanager
def _bar(pace: Pace) -> Iterator[Callable[[Grade], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=pace.total, rate="")

        def advance(grade: Grade) -> None:
            pace.verdicts[verdict_of(grade)] += 1
            rate = pace.rate(time.monotonic() - pace.started)
            progress.update(task, advance=1, description=pace.counts(), rate=rate)

        yield advance


def verdict_of(grade: Grade) -> str:
    if grade.status is Status.GRADED:
        return "pass" if grade.passed else "fail"
    return grade.status.value.replace("_", " ")


def _percent(error: float) -> str:
    return f"{error:+.1%}" if math.isfinite(error) else "–"


def print_json_line(grading: Grading, *, graded_before: bool) -> None:
    """One object on standard output, and the next program has it at once."""
    row = {**grading.row(), "graded_before": graded_before}
    plain = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }
    print(json.dumps(plain), flush=True)


HEADS = ("submission", "verdict", "worst variance error", "diagnosis", "notebook")


def print_table(gradings: Iterable[Grading], total: int) -> None:
    """All of a class of up to 60; of a larger one those without a verdict, which want somebody's look. The others'
    mistakes are in the count line, and everybody is in results.csv."""
    rows: list[tuple[str, ...]] = []
    more = 0
    for grading in gradings:
        grade = grading.grade
        if total > TABLE_ROWS and grade.status in (Status.GRADED, Status.NOT_ATTEMPTED):
            continue
        if len(rows) == TABLE_ROWS:
            more += 1
            continue
        error = _percent(grade.worst_variance_error)
        rows.append((grade.submission, verdict_of(grade), error, grade.diagnosis, grade.execution))
    if rows:
        (_draw_table if sys.stdout.isatty() else _write_table)(rows)
    if total > TABLE_ROWS:
        print(f"{f'{more} more without a verdict, and ' if more else ''}every submission: see results.csv")


def _write_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Plain columns; where nobody sees colours, rich would be imported for nothing."""
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    for row in (HEADS, *rows):
        cells = (
            text.rjust(width) if n == 2 else text.ljust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def _draw_table(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for n, head in enumerate(HEADS):
        table.add_column(head, justify="right" if n == 2 else "left", no_wrap=n < 3)
    for row in rows:  # Text, not str: a submission's name is no markup
        table.add_row(*(Text(text, STYLES.get(text, "yellow") if n == 1 else "") for n, text in enumerate(row)))
    Console().print(table)
