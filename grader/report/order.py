"""What an export was asked for, and the files that it writes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from grader.errors import UsageError
from grader.files import replacing
from grader.report import exports
from grader.report.roster import Roster


@dataclass(frozen=True)
class Order:
    """What is wanted.

    ``to`` is a file or folder, None for where it usually goes; ``points`` are those of a pass, and ``weights`` those of
    a rule to who did not pass; ``assignment`` is what the other system calls it, and ``name`` what its files are called
    there: usually as the exercise is.
    """

    folder: Path
    to: Path | None = None
    points: float = 1.0
    assignment: str = ""
    name: str = ""
    roster: Roster | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


def write_table(columns: Sequence[str], rows: Sequence[dict[str, str]], to: Path | None) -> None:
    with stream(to) as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: exports.plain_text(value) for name, value in row.items()} for row in rows)


@contextmanager
def stream(path: Path | None) -> Iterator[TextIO]:
    """A file that takes its name when it is complete, or standard output."""
    if path is None:
        yield sys.stdout
        return
    with placed(path) as scratch, exports.text(scratch) as out:
        yield out


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A file that takes its name when it is complete. Raises ``UsageError`` if its folder is not there."""
    if not path.parent.is_dir():
        raise UsageError(f"--to {path}: there is no folder {path.parent}")
    with replacing(path) as scratch:
        yield scratch
