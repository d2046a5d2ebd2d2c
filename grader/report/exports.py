"""Grades as files for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from grader.exercises.interface import load
from grader.result import Grade, Grading

WHOSE = ("submission", "student", "student_id", "attempt", "late", "counted")
BEFORE_RULES = (*WHOSE, "status", "passed", "reward", "diagnosis", "worst_error")
BEHIND_RULES = ("execution", "seed", "isolation", "duration_s", "execution_s", "peak_mib", "feedback")
LOOKED_AT = 100  # characters of a cell, for one that begins a formula
HEAD_BYTES = 16384  # in SVG, PNG and our HTML, what is known of a file comes before what it shows


def to_json(grades: Iterable[Grade]) -> str:
    """Everything, as a list of objects."""
    stream = io.StringIO()
    write_json((grade.to_dict() for grade in grades), stream)
    return stream.getvalue()


def to_csv(grades: Iterable[Grade], rules: Iterable[str]) -> str:
    """One row a submission, without sources and points; no cell can start a spreadsheet formula."""
    stream = io.StringIO()
    write_csv((grade.row() for grade in grades), stream, rules)
    return stream.getvalue()


def flat_row(grading: Grading) -> dict[str, Any]:
    """One grading as a row, with a place for each rule of its exercise."""
    return grading.row(load(grading.grade.exercise).rules)


def write_json(objects: Iterable[dict[str, Any]], stream: TextIO) -> None:
    """A list, of which one is in memory at a time."""
    stream.write("[")
    for number, plain in enumerate(objects):
        text = json.dumps(plain, indent=1, ensure_ascii=False)
        stream.write((",\n " if number else "\n ") + text.replace("\n", "\n "))
    stream.write("\n]\n")


def write_csv(rows: Iterable[Mapping[str, Any]], stream: TextIO, rules: Iterable[str]) -> None:
    columns = [*BEFORE_RULES, *rules, *BEHIND_RULES]
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        worst = row["worst_error"]
        plain = {**row, "worst_error": round(worst, 6) + 0.0 if math.isfinite(worst) else ""}  # -0.0 + 0.0 is 0.0
        writer.writerow({name: plain_text(plain.get(name)) for name in columns})


def has_stamp(path: Path, stamp: str) -> bool:
    """Is this file made of what the stamp stands for? That of an earlier grading may lie there, or none."""
    try:
        with path.open("rb") as stream:
            return stamp.encode() in stream.read(HEAD_BYTES)
    except OSError:
        return False


def text(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="replace", newline="")


def plain_text(value: object) -> object:
    """Spreadsheets run a text that begins with =, +, - or @, also in another width or behind what is not seen: an
    apostrophe before it keeps it a text."""
    if not isinstance(value, str):
        return value
    seen = unicodedata.normalize("NFKC", value[:LOOKED_AT]).lstrip()
    while seen and unicodedata.category(seen[0])[0] in "CZ":
        seen = seen[1:]
    return f"'{value}" if seen.startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r")) else value
