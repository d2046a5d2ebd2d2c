"""A list of students as their system exports it: a CSV file with a row for each.

Canvas: instructure/canvas-lms, lib/gradebook_exporter.rb (with or without SIS columns; first and last name together or
apart). Moodle: docs.moodle.org "Grade export", "Participants", "Offline grading worksheet", in any language.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.errors import UsageError

# What a column says of a student: the name, or a part of it; a number or name that the school has for them; or the
# number of one platform ("canvas", "participant").
ROLES = {
    "student": "name",
    "full name": "name",
    "first name": "first",
    "firstname": "first",
    "last name": "last",
    "lastname": "last",
    "surname": "last",
    "sis user id": "id",
    "integration id": "id",
    "id number": "id",
    "sis login id": "login",
    "username": "login",
    "email address": "email",
    "identifier": "participant",
}
OURS = ("name", "first", "last", "id", "login", "email", "canvas", "participant")
SCHOOLS = ("id", "login", "email")  # each alone tells who somebody is
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HALF = 0.5  # of the rows that say something, to know a column by what is in it

NUMBERED = re.compile(r"(.+) \((.+)\)")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """``roles``: what each column that is known says of a student; ``possible``: Canvas's points of each assignment."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    roles: Mapping[str, str]
    possible: Row = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, named: Mapping[str, str] | None = None) -> Roster:
        """Commas, semicolons or tabs; UTF-8 with or without its mark, or UTF-16 with it. ``named``: columns by what
        they say (``{"id": "Matrikelnummer"}``), where their names do not tell. Raises ``UsageError`` if it is none."""
        try:
            data = path.read_bytes()
            text = data.decode("utf-16" if data[:2] in UTF16 else "utf-8-sig")
            head = text.partition("\n")[0]
            delimiter = max(",;\t", key=head.count)
            lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="", strict=True)
            rows = [{name: value for name, value in row.items() if name} for row in lines]
        except OSError as error:
            raise UsageError(f"--roster {path} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            where = data.count(b"\n", 0, error.start) + 1
            message = f"--roster {path}, line {where}: a character that is not in UTF-8"
            raise UsageError(f"{message}; save it as UTF-8 (in Excel: CSV UTF-8)") from error
        except csv.Error as error:
            raise UsageError(f"--roster {path} cannot be read as CSV: {error}") from error
        columns = tuple(name for name in lines.fieldnames or () if name)
        for role, column in (named or {}).items():
            if role not in OURS or column not in columns:
                wrong = f"no column {column!r} in {path}" if role in OURS else f"{role!r} is none of {', '.join(OURS)}"
                raise UsageError(f"--columns {role}={column}: {wrong}")
        roles = _roles(columns, rows) | {column: role for role, column in (named or {}).items()}
        rows = [row for row in rows if not roles or any(row[column].strip() for column in roles)]
        # Canvas has a row or two of its own above the students
        possible = [row for row in rows if "Points Possible" in row[columns[0]]]
        rows = [row for row in rows if row not in possible]
        if not rows:
            raise UsageError(f"--roster {path} has no students: give the file that Canvas or Moodle exports")
        return cls(path, columns, tuple(rows), roles, *possible[:1])

    def having(self, *roles: str) -> list[str]:
        """The columns that say one of these, in their order."""
        return [column for column in self.columns if self.roles.get(column) in roles]

    def name(self, row: Row) -> str:
        """The name as Canvas sorts it."""
        return ", ".join(row[column] for role in ("name", "last", "first") for column in self.having(role))

    def called(self, row: Row) -> str:
        """As a list names a student: by what comes first of name, address, login and number."""
        names = (row[column] for column in self.having("email", "login", "id", "canvas", "participant"))
        return next(filter(None, map(str.strip, (self.name(row), *names))), "")

    @property
    def assignments(self) -> list[str]:
        """Canvas's columns of assignments: the title, and its number behind it."""
        return [column for column in self.columns if re.fullmatch(r".+ \(\d+\)", column)]

    def find(self, student: str, number: str = "") -> list[Row]:
        """The rows that have this number, else this name, address or login; where there are none, those that nearly
        do. If the number says one thing and the name another, the rows of both."""
        by_number, by_name = self.numbered(student, number), self._called(student)
        if not by_name and (named := NUMBERED.fullmatch(student)):
            by_name = self._called(named[1])
        return [row for row in by_number if row in by_name] or by_number + by_name

    def numbered(self, student: str, number: str = "") -> list[Row]:
        """The rows that have this number, or the one that stands behind the name, as namesakes are told apart."""
        named = NUMBERED.fullmatch(student)
        return self._by_number.get(_key(number or (named[2] if named else "")), [])

    def _called(self, student: str) -> list[Row]:
        return self._by_name.get(_key(student)) or self._by_signs.get(_run_together(student)) or []

    @cached_property
    def _by_number(self) -> dict[str, list[Row]]:
        return self._index(self._numbers)

    @cached_property
    def _by_name(self) -> dict[str, list[Row]]:
        return self._index(lambda row: map(_key, self._names(row)))

    @cached_property
    def _by_signs(self) -> dict[str, list[Row]]:
        return self._index(lambda row: map(_run_together, self._names(row)))

    def _index(self, keys: Callable[[Row], Iterable[str]]) -> dict[str, list[Row]]:
        index: dict[str, list[Row]] = {}
        for row in self.rows:
            for key in {*keys(row)} - {""}:
                index.setdefault(key, []).append(row)
        return index

    def _numbers(self, row: Row) -> Iterator[str]:
        """A number of a platform's own ("Canvas 1234") is found where that writes it: a school's may be the same."""
        yield from (_key(row[column]) for column in self.having(*SCHOOLS))
        yield from (f"canvas {row[column].strip()}" for column in self.having("canvas"))
        ends = (re.search(r"\d+$", row[column].strip()) for column in self.having("participant"))
        yield from (f"participant {match[0]}" for match in ends if match)

    def _names(self, row: Row) -> Iterator[str]:
        yield from (row[column] for column in self.having("name", *SCHOOLS, "canvas"))
        last, comma, first = self.name(row).partition(", ")
        if comma and first and last:
            yield from (f"{last}, {first}", f"{first} {last}")


def _roles(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    keys = {column: " ".join(column.split()).casefold() for column in columns}
    roles = {column: ROLES[key] for column, key in keys.items() if key in ROLES}
    if {"name", "last"} & {*roles.values()}:
        roles |= {column: "canvas" for column, key in keys.items() if key == "id"}
    return roles or _by_position(columns, rows)


def _by_position(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Moodle's columns in another language: what stands before the address. Grades: first name, last name, ID number,
    institution, department, address; participants: first name, last name, address; grading worksheet: "Participant
    1234", full name, address."""

    def most(column: str, pattern: str) -> bool:
        values = [row[column] for row in rows if row[column].strip()]
        return sum(re.fullmatch(pattern, value) is not None for value in values) > HALF * len(values)

    at = next((n for n, column in enumerate(columns) if most(column, r"\S+@\S+")), 0)
    if at == 2 and most(columns[0], r"\D+\d+"):
        before = ["participant", "name"]
    else:
        before = ["name"] if at == 1 else ["first", "last", "id"][:at]
    return dict(zip(columns, before, strict=False)) | ({columns[at]: "email"} if at else {})


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _run_together(name: str) -> str:
    """As Canvas names the files it hands out: "Lee, Ann" becomes "leeann"."""
    return "".join(sign for sign in _key(name) if sign.isalnum())
