"""A grading as a row of the gradebook, and back. A gradebook may come from anybody: rows are checked as they are read.

What the checks refuse, no grader has written: names that lead out of a folder, characters that a terminal acts on,
values of another type, texts and lists beyond all that is kept.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.course.conditions import Conditions, plain_settings
from grader.errors import UsageError
from grader.exercises.interface import load
from grader.result import Finding, Grade, Grading, Outcome, Point, Status
from grader.settings import Settings
from grader.submissions.collect import Item

JSON = ("findings", "points", "curve", "settings", "versions")
GRADE = tuple(field.name for field in fields(Grade))
TEXT, WORDS, MANY = 1_000_000, 2_000, 10_000  # characters of a text and of what is said in short; entries of a list
NAME_BYTES = 255  # of a file
SETTINGS_KNOWN: dict[str, dict[str, Any]] = {}

Check = Callable[[Any], bool]


# --- checks -------------------------------------------------------------------------------------------------------


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT


def _said(value: Any) -> bool:
    """What a terminal shows, too."""
    return _text(value) and value.replace("\n", "").replace("\t", "").isprintable()


def _short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= WORDS and value.isprintable()


def _file_name(value: Any) -> bool:
    fits = _short(value) and 0 < len(value.encode()) <= NAME_BYTES
    return fits and "/" not in value and value not in (".", "..")


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number_or_none(value: Any) -> bool:
    return value is None or _number(value)


def _time(value: Any) -> bool:
    return _short(value) and bool(datetime.fromisoformat(value))


def _known(kind: Callable[[Any], object]) -> Check:
    return lambda value: isinstance(value, str) and bool(kind(value))


def _list_of(fields: dict[str, Check]) -> Check:
    def check(value: Any) -> bool:
        return isinstance(value, list) and len(value) <= MANY and all(map(holds, value))

    def holds(entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and entry.keys() == fields.keys()
            and all(is_right(entry[name]) for name, is_right in fields.items())
        )

    return check


def _table_of(value_is_right: Check) -> Check:
    return lambda value: (
        isinstance(value, dict)
        and len(value) <= MANY
        and all(_short(name) and value_is_right(held) for name, held in value.items())
    )


def _setting(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MANY and all(_setting(each) for each in value if not isinstance(each, list))
    return value is None or isinstance(value, bool) or _number(value) or _short(value)


FINDING: dict[str, Check] = {field.name: _said for field in fields(Finding)} | {"outcome": _known(Outcome)}
POINT: dict[str, Check] = {field.name: _number_or_none for field in fields(Point)}
POINT |= {"x": _number, "n": _count, "series": _short, "facts": _table_of(_number_or_none)}
COLUMNS: dict[str, Check] = {
    **dict.fromkeys(("number", "attempt", "late", "passed", "line"), _count),
    **dict.fromkeys(("student", "student_id", "diagnosis", "isolation", "exercise", "asked", "content"), _short),
    **dict.fromkeys(("feedback", "execution"), _said),
    **dict.fromkeys(("explanation", "source", "output", "path"), _text),
    **dict.fromkeys(("duration_s", "execution_s"), _number),
    **dict.fromkeys(("points", "curve"), _list_of(POINT)),
    "submission": _file_name,
    "status": _known(Status),
    "findings": _list_of(FINDING),
    "seed": lambda value: value is None or 0 <= value < 1 << 128,
    "peak_mib": _number_or_none,
    "settings": _table_of(_setting),
    "versions": _table_of(_short),
    "at": _time,
}


# --- to a row and back --------------------------------------------------------------------------------------------


def to_row(item: Item, content: str, grade: Grade, under: Conditions) -> dict[str, Any]:
    plain = grade.to_dict()
    row = {name: plain[name] for name in (*GRADE, "passed")} | {"student": item.student, "attempt": item.attempt}
    row |= {"student_id": item.student_id, "late": item.late}
    row |= {"content": content, "path": os.fspath(item.path), "settings": under.settings, "versions": under.versions}
    row |= {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    row |= {name: json.dumps(row[name], ensure_ascii=False, sort_keys=True) for name in JSON}
    row["seed"] = None if grade.seed is None else str(grade.seed)
    return {name: encodable(value) if isinstance(value, str) else value for name, value in row.items()}


def encodable(value: str) -> str:
    """Names of files can hold bytes that are no text."""
    return value.encode("utf-8", "replace").decode("utf-8")


def from_row(row: sqlite3.Row, path: Path) -> Grading:
    """Raises ``UsageError`` if no grader has written this."""
    try:
        return _checked(row)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, UsageError) as error:
        raise damaged(
            path, f"row {row['number']} of its table grading cannot be read ({str(error)[:WORDS]!r})"
        ) from error


def damaged(path: Path, what: str) -> UsageError:
    return UsageError(f"{path} is damaged: {what}. Put a copy in its place; or move it away, and all is graded anew")


def _checked(row: sqlite3.Row) -> Grading:
    plain = {**row} | {name: _parsed(row[name]) for name in JSON}
    plain["seed"] = None if row["seed"] is None else int(row["seed"])
    for name, is_right in COLUMNS.items():
        if not is_right(plain[name]):
            raise ValueError(f"{name} is none")
    if plain["exercise"] not in SETTINGS_KNOWN:
        load(plain["exercise"])
        SETTINGS_KNOWN[plain["exercise"]] = plain_settings(Settings(exercise=plain["exercise"]))
    for name, usual in SETTINGS_KNOWN[plain["exercise"]].items():
        if name in plain["settings"] and not _alike(plain["settings"][name], usual):
            raise ValueError(f"the setting {name} is none")
    grade = Grade.from_dict({name: plain[name] for name in GRADE})
    names = ("number", "student", "attempt", "content", "path", "at", "settings", "versions")
    return Grading(grade=grade, student_id=row["student_id"], late=bool(row["late"]), **{n: plain[n] for n in names})


def _parsed(text: Any) -> Any:
    if not isinstance(text, str):
        raise TypeError("JSON is text")
    return json.loads(text, parse_constant=_none)


def _none(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _alike(value: Any, usual: Any) -> bool:
    """Of the usual kind, where there is one."""
    for kind in (bool, list, str):
        if isinstance(usual, kind):
            return isinstance(value, kind)
    return _number(value) if _number(usual) else True
