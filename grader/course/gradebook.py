"""The gradebook: every grading of a class in one SQLite file, written before anything of it is shown.

One transaction a grading, with a rollback journal: WAL needs memory that processes share, which network file systems
do not have (sqlite.org/wal.html). synchronous=FULL, because without it a power cut may damage the file
(sqlite.org/pragma.html#pragma_synchronous); it costs about 1 ms a grading on a local disk.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from grader.course.conditions import Conditions
from grader.course.rows import damaged, encodable, from_row, to_row
from grader.errors import OutputError, UsageError
from grader.report.class_report import ClassReport
from grader.result import Grade, Grading, Status
from grader.submissions.collect import Item

FILE = "gradebook.sqlite"
SCHEMA = 5  # PRAGMA user_version
BUSY_S = 60.0  # how long a grading waits for another grader's

TABLE = """
CREATE TABLE grading (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    student TEXT NOT NULL, attempt INTEGER NOT NULL, submission TEXT NOT NULL,
    student_id TEXT NOT NULL, late INTEGER NOT NULL,
    status TEXT NOT NULL, passed INTEGER NOT NULL, diagnosis TEXT NOT NULL, feedback TEXT NOT NULL,
    line INTEGER NOT NULL, findings TEXT NOT NULL, points TEXT NOT NULL, curve TEXT NOT NULL, -- JSON
    exercise TEXT NOT NULL, asked TEXT NOT NULL,
    execution TEXT NOT NULL, output TEXT NOT NULL, explanation TEXT NOT NULL, source TEXT NOT NULL,
    seed TEXT, -- up to 2**128
    isolation TEXT NOT NULL, duration_s REAL NOT NULL, execution_s REAL NOT NULL, peak_mib REAL,
    content TEXT NOT NULL, path TEXT NOT NULL, settings TEXT NOT NULL, versions TEXT NOT NULL, at TEXT NOT NULL
)"""
INDEX = "CREATE INDEX by_attempt ON grading (student, attempt)"
COUNTS = "CREATE TABLE counts (student TEXT PRIMARY KEY, number INTEGER NOT NULL)"
LENGTH, VALUES = sqlite3.SQLITE_LIMIT_LENGTH, 8 << 20  # bytes of one value in it
OWN = {("table", "grading"), ("table", "counts"), ("index", "by_attempt")}


class Gradebook:
    """``DIR/gradebook.sqlite``, to be written to; a context manager.

    Raises ``UsageError`` if the file is none of ours or cannot be written to, ``OutputError`` later on.
    """

    def __init__(self, folder: Path, conditions: Conditions) -> None:
        self.path = folder / FILE
        self.conditions = conditions
        self._db = _connect(self.path, "rwc")
        try:
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA synchronous = FULL")
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                if _is_new(self._db):
                    for made in (TABLE, INDEX, COUNTS):
                        self._db.execute(made)
                else:
                    _check_version(self._db, self.path)
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")  # written in any case: can it be?
        except sqlite3.Error as error:
            self._db.close()
            raise _unusable(self.path, error) from error
        except UsageError:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def keep(
        self, item: Item, content: str, grade: Grade, *, anew: bool = False, versions: Mapping[str, str] | None = None
    ) -> Grading | None:
        """Write one grading; returns it as it is kept. None: another grader was faster, and its grading stands, unless
        ``anew``. That of a student's last attempt counts from now on. ``versions``: where they are not those of this
        machine. Raises ``OutputError``, and then nothing of it is written."""
        number = None
        under = replace(self.conditions, versions=dict(versions)) if versions else self.conditions
        row = to_row(item, content, grade, under)
        with self._told(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if anew or not self.graded(item, content):
                names = ", ".join(row)
                marks = ", ".join("?" * len(row))
                insert = f"INSERT INTO grading ({names}) VALUES ({marks})"
                number = self._db.execute(insert, tuple(row.values())).lastrowid
            self._decide(item)
        return self._read(item, number) if number else None

    def found(self, items: Iterable[Item]) -> None:
        """These were handed in again, and their gradings stand: those of last attempts count."""
        with self._told(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for item in items:
                self._decide(item)

    def follow(self, items: Sequence[Item]) -> None:
        """Who is in the book by the same number, and under another name that nobody has any more, goes on under the new
        one: a platform makes its files' names of what its students are called at that time."""
        here = {encodable(item.student) for item in items}
        new = {encodable(item.student_id): encodable(item.student) for item in items if item.student_id}
        with self._told(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            there = self._db.execute("SELECT DISTINCT student, student_id FROM grading").fetchall()
            for student, number in map(tuple, there):
                if number in new and student not in here:
                    whose = (student, number)
                    self._db.execute(
                        "UPDATE grading SET student = ? WHERE student = ? AND student_id = ?", (new[number], *whose)
                    )
                    self._db.execute("DELETE FROM counts WHERE student = ?", (student,))

    def besides(self, items: Sequence[Item]) -> tuple[str, ...]:
        """The students of earlier runs who are not among these."""
        here = {encodable(item.student) for item in items}
        with self._told():
            there = self._db.execute("SELECT DISTINCT student FROM grading ORDER BY student").fetchall()
        return tuple(row["student"] for row in there if row["student"] not in here)

    def _decide(self, item: Item) -> None:
        if item.last:
            number = self._standing(item)[encodable(item.student), item.attempt]
            update = "ON CONFLICT (student) DO UPDATE SET number = excluded.number WHERE number <> excluded.number"
            self._db.execute(f"INSERT INTO counts VALUES (?, ?) {update}", (encodable(item.student), number))

    def graded(self, item: Item, content: str) -> Grading | None:
        """The grading that stands, if it is of this content, under these settings and by this version."""
        kept = self.last(item)
        if kept is None or kept.grade.status is Status.GRADER_ERROR:
            return None
        here, wanted = self.conditions, (encodable(item.name), content)
        same = kept.settings == here.settings and kept.versions.get("grader") == here.versions["grader"]
        return kept if same and (kept.grade.submission, kept.content) == wanted else None

    def last(self, item: Item) -> Grading | None:
        """The grading that stands for this attempt, if there is one."""
        return self._read(item)

    def _read(self, item: Item, number: int | None = None) -> Grading | None:
        """The grading with this number, or the one that stands for this attempt."""
        student = encodable(item.student)
        with self._told():
            standing = self._standing(item)
            number = number or standing.get((student, item.attempt))
            row = self._db.execute("SELECT * FROM grading WHERE number = ?", (number,)).fetchone()
            decided = self._db.execute("SELECT * FROM counts WHERE student = ?", (student,)).fetchall()
        return row and replace(from_row(row, self.path), counted=number in _counted(standing, decided))

    def _standing(self, item: Item) -> dict[tuple[str, int], int]:
        query = "SELECT number, student, attempt, status, content FROM grading WHERE student = ? ORDER BY number"
        return _standing(self._db.execute(query, (encodable(item.student),)), self.path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"{self.path} cannot be written to ({error}): what was graded before is kept in it"
            raise OutputError(
                f"{message}; mend that, and give the same command again: it goes on from there"
            ) from error


@dataclass(frozen=True)
class Stored:
    """The gradings of a gradebook in the order in which they were made: read one at a time, as often as asked for.

    Raises ``UsageError`` if there is no gradebook in the folder.
    """

    folder: Path

    def __iter__(self) -> Iterator[Grading]:
        return self.numbered()

    def numbered(self, numbers: Collection[int] | None = None) -> Iterator[Grading]:
        """Those with these numbers, or all."""
        path = self.folder / FILE
        if not path.is_file():
            message = f"python -m grader grade SUBMISSIONS --out {self.folder} makes it"
            raise UsageError(f"there is no {FILE} in {self.folder}: {message}")
        database = _connect(path, "rw")  # a journal that a killed grader left behind has to be played back
        try:
            if _is_new(database):
                return
            _check_version(database, path)
            short = "SELECT number, student, attempt, status, content FROM grading ORDER BY number"
            standing = _standing(database.execute(short), path)
            counted = _counted(standing, database.execute("SELECT * FROM counts"))
            for row in database.execute("SELECT * FROM grading ORDER BY number"):
                if numbers is None or row["number"] in numbers:
                    yield replace(from_row(row, path), counted=row["number"] in counted)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        finally:
            database.close()


def load(folder: str | os.PathLike[str]) -> ClassReport:
    """Every grading of the gradebook in a folder that was graded into.

    ``pandas.DataFrame(grader.load("reports").rows())`` is a frame. Raises ``UsageError`` if there is no gradebook.
    """
    return ClassReport(tuple(Stored(Path(folder))))


# --- which grading counts -----------------------------------------------------------------------------------------


def _standing(rows: Iterable[sqlite3.Row], path: Path) -> dict[tuple[str, int], int]:
    """(student, attempt) → the number of the grading that stands: the last one. Only a failure of the grader does not
    take the place of a verdict on the same content."""
    last: dict[tuple[str, int], sqlite3.Row] = {}
    for row in rows:
        if not isinstance(row["student"], str) or not isinstance(row["attempt"], int):
            raise damaged(path, f"row {row['number']} of its table grading is nobody's")
        before = last.get((row["student"], row["attempt"]))
        failed = row["status"] == Status.GRADER_ERROR
        if not (failed and before and before["content"] == row["content"] and before["status"] != row["status"]):
            last[row["student"], row["attempt"]] = row
    return {attempt: row["number"] for attempt, row in last.items()}


def _counted(standing: dict[tuple[str, int], int], decided: Iterable[sqlite3.Row]) -> set[int]:
    """Of these, one for each student: that of the last attempt.

    Attempts are numbered anew in each run, and some of an earlier one may not have been handed in again: it must not
    outrank those that were. So a grading counts from the moment in which it is a student's last attempt that a run
    finds or grades, until another run does so. Until there is one, as after a first run that was interrupted, the last
    attempt in the book counts.
    """
    counted = {student: standing[student, attempt] for student, attempt in sorted(standing)}
    return set((counted | {row["student"]: row["number"] for row in decided}).values())


# --- the file -----------------------------------------------------------------------------------------------------


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if path.is_symlink() or (path.exists() and not path.is_file()):  # a pipe would keep us waiting
        raise UsageError(f"{path} is not a regular file: name another folder; nothing was changed")
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", BUSY_S, uri=True, isolation_level=None)
        database.setlimit(LENGTH, VALUES)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    database.row_factory = sqlite3.Row
    return database


def _is_new(database: sqlite3.Connection) -> bool:
    """Nothing in it: this is how SQLite makes a file, and what a grader that was killed at once leaves behind."""
    return not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _check_version(database: sqlite3.Connection, path: Path) -> None:
    (found,) = database.execute("PRAGMA user_version").fetchone()
    if found != SCHEMA:
        message = f"{path} is a database of format {found}, and this grader's gradebooks have format {SCHEMA}"
        raise UsageError(f"{message}: name another folder, or move the file away; nothing was changed")
    there = database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    for kind, name in there:
        if (kind, name) not in OWN:  # views and triggers of somebody's run when we read and write
            raise damaged(path, f"it holds a {kind} that is not a gradebook's")


def _unusable(path: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(
        f"{path} cannot be used as a gradebook ({error}): name another folder, or mend or move the file; "
        "nothing was changed"
    )
