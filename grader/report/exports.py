"""Grades as files for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from grader.result import Grade

RULES = [f"R{number}" for number in range(1, 11)]
COLUMNS = ["submission", "student", "attempt", "counted", "status", "passed", "reward", "diagnosis"]
COLUMNS += ["worst_variance_error", *RULES, "execution", "seed", "isolation", "duration_s", "execution_s"]
COLUMNS += ["peak_mib", "feedback"]
HEAD_BYTES = 16384  # in SVG, PNG and our HTML, what is known of a file comes before what it shows


def to_json(grades: Iterable[Grade]) -> str:
    """Everything, as a list of objects."""
    stream = io.StringIO()
    write_json((grade.to_dict() for grade in grades), stream)
    return stream.getvalue()


def to_csv(grades: Iterable[Grade]) -> str:
    """One row a submission, without sources and measurements; no cell can start a spreadsheet formula."""
    stream = io.StringIO()
    write_csv((grade.row() for grade in grades), stream)
    return stream.getvalue()


def write_json(objects: Iterable[dict[str, Any]], stream: TextIO) -> None:
    """A list, of which one is in memory at a time."""
    stream.write("[")
    for number, plain in enumerate(objects):
        text = json.dumps(plain, indent=1, ensure_ascii=False)
        stream.write((",\n " if number else "\n ") + text.replace("\n", "\n "))
    stream.write("\n]\n")


def write_csv(rows: Iterable[Mapping[str, Any]], stream: TextIO) -> None:
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        worst = row["worst_variance_error"]
        plain = {**row, "worst_variance_error": f"{worst:.6f}" if math.isfinite(worst) else ""}
        writer.writerow({name: plain_text(plain.get(name)) for name in COLUMNS})


def bears(path: Path, stamp: str) -> bool:
    """Is this file made of what the stamp stands for? That of an earlier grading may lie there, or none."""
    try:
        with path.open("rb") as stream:
            return stamp.encode() in stream.read(HEAD_BYTES)
    except OSError:
        return False


def text(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="replace", newline="")


def plain_text(value: object) -> object:
    """Spreadsheets run a text that begins with =, +, - or @: an apostrophe before it keeps it a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
