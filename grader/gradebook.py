"""The gradebook: every grading of a class in one SQLite file, written before anything of it is shown.

One transaction a grading, with a rollback journal: WAL needs memory that processes share, which network file systems
do not have (sqlite.org/wal.html). synchronous=FULL, because without it a power cut may damage the file
(sqlite.org/pragma.html#pragma_synchronous); it costs about 1 ms a grading on a local disk.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from grader.content import digest
from grader.errors import OutputError, UsageError
from grader.intake import Item
from grader.result import ClassReport, Grade, Grading, Status
from grader.settings import Settings
from grader.task import Task
from grader.versions import versions

FILE = "gradebook.sqlite"
SCHEMA = 2  # PRAGMA user_version
BUSY_S = 60.0  # how long a grading waits for another grader's

TABLE = """
CREATE TABLE grading (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    student TEXT NOT NULL, attempt INTEGER NOT NULL, submission TEXT NOT NULL,
    status TEXT NOT NULL, passed INTEGER NOT NULL, diagnosis TEXT NOT NULL, feedback TEXT NOT NULL,
    findings TEXT NOT NULL, measurements TEXT NOT NULL, curve TEXT NOT NULL, -- JSON
    execution TEXT NOT NULL, output TEXT NOT NULL, explanation TEXT NOT NULL, source TEXT NOT NULL,
    seed TEXT, -- up to 2**128
    isolation TEXT NOT NULL, duration_s REAL NOT NULL, execution_s REAL NOT NULL, peak_mib REAL,
    content TEXT NOT NULL, path TEXT NOT NULL, settings TEXT NOT NULL, versions TEXT NOT NULL, at TEXT NOT NULL
)"""
INDEX = "CREATE INDEX by_attempt ON grading (student, attempt)"
COUNTS = "CREATE TABLE counts (student TEXT PRIMARY KEY, number INTEGER NOT NULL)"
JSON = ("findings", "measurements", "curve", "settings", "versions")
GRADE = tuple(field.name for field in fields(Grade))


@dataclass(frozen=True)
class Conditions:
    """Under what gradings come about: a submission graded under the same is not graded again."""

    settings: dict[str, Any]
    versions: dict[str, str]

    @classmethod
    def of(cls, settings: Settings, task: Task) -> Self:
        plain = {**asdict(settings), "task": settings.task and str(settings.task), "task_content": digest(task.path)}
        plain.pop("jobs")  # changes no verdict
        return cls(json.loads(json.dumps(plain)), versions())


def plain_defaults() -> dict[str, Any]:
    """The settings that nobody has to name, as a gradebook keeps them."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(Settings())))
    return plain


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

    def keep(self, item: Item, content: str, grade: Grade, *, anew: bool = False) -> Grading | None:
        """Write one grading; returns it as it is kept. None: another grader was faster, and its grading stands, unless
        ``anew``. That of a student's last attempt counts from now on. Raises ``OutputError``, and then nothing of it
        is written."""
        number = None
        row = _row(item, content, grade, self.conditions)
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

    def _decide(self, item: Item) -> None:
        if item.last:
            number = self._standing(item)[_text(item.student), item.attempt]
            update = "ON CONFLICT (student) DO UPDATE SET number = excluded.number WHERE number <> excluded.number"
            self._db.execute(f"INSERT INTO counts VALUES (?, ?) {update}", (_text(item.student), number))

    def graded(self, item: Item, content: str) -> Grading | None:
        """The grading that stands, if it is of this content, under these settings and by this version."""
        kept = self.last(item)
        if kept is None or kept.grade.status is Status.GRADER_ERROR:
            return None
        here, wanted = self.conditions, (_text(item.name), content)
        same = kept.settings == here.settings and kept.versions.get("grader") == here.versions["grader"]
        return kept if same and (kept.grade.submission, kept.content) == wanted else None

    def last(self, item: Item) -> Grading | None:
        """The grading that stands for this attempt, if there is one."""
        return self._read(item)

    def _read(self, item: Item, number: int | None = None) -> Grading | None:
        """The grading with this number, or the one that stands for this attempt."""
        student = _text(item.student)
        with self._told():
            standing = self._standing(item)
            number = number or standing.get((student, item.attempt))
            row = self._db.execute("SELECT * FROM grading WHERE number = ?", (number,)).fetchone()
            decided = self._db.execute("SELECT * FROM counts WHERE student = ?", (student,)).fetchall()
        return row and replace(_grading(row, self.path), counted=number in _counted(standing, decided))

    def _standing(self, item: Item) -> dict[tuple[str, int], int]:
        query = "SELECT number, student, attempt, status, content FROM grading WHERE student = ? ORDER BY number"
        return _standing(self._db.execute(query, (_text(item.student),)))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            says = f"{self.path} cannot be written to ({error}): what was graded before is kept in it"
            raise OutputError(f"{says}; mend that, and give the same command again: it goes on from there") from error


@dataclass(frozen=True)
class Stored:
    """The gradings of a gradebook in the order in which they were made: read one at a time, as often as asked for.

    Raises ``UsageError`` if there is no gradebook in the folder.
    """

    folder: Path

    def __iter__(self) -> Iterator[Grading]:
        path = self.folder / FILE
        if not path.is_file():
            says = f"python -m grader grade SUBMISSIONS --out {self.folder} makes it"
            raise UsageError(f"there is no {FILE} in {self.folder}: {says}")
        database = _connect(path, "rw")  # a journal that a killed grader left behind has to be played back
        try:
            if _is_new(database):
                return
            _check_version(database, path)
            short = "SELECT number, student, attempt, status, content FROM grading ORDER BY number"
            standing = _standing(database.execute(short))
            counted = _counted(standing, database.execute("SELECT * FROM counts"))
            for row in database.execute("SELECT * FROM grading ORDER BY number"):
                yield replace(_grading(row, path), counted=row["number"] in counted)
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


def _standing(rows: Iterable[sqlite3.Row]) -> dict[tuple[str, int], int]:
    """(student, attempt) → the number of the grading that stands: the last one. Only a failure of the grader does not
    take the place of a verdict on the same content."""
    last: dict[tuple[str, int], sqlite3.Row] = {}
    for row in rows:
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


# --- rows ---------------------------------------------------------------------------------------------------------


def _row(item: Item, content: str, grade: Grade, under: Conditions) -> dict[str, Any]:
    plain = grade.to_dict()
    row = {name: plain[name] for name in (*GRADE, "passed")} | {"student": item.student, "attempt": item.attempt}
    row |= {"content": content, "path": os.fspath(item.path), "settings": under.settings, "versions": under.versions}
    row |= {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    row |= {name: json.dumps(row[name], ensure_ascii=False, sort_keys=True) for name in JSON}
    row["seed"] = None if grade.seed is None else str(grade.seed)
    return {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(value: str) -> str:
    """Names of files can hold bytes that are no text."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _grading(row: sqlite3.Row, path: Path) -> Grading:
    try:
        return _read_row(row)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise UsageError(
            f"{path} is damaged: row {row['number']} of its table grading cannot be read ({error!r}). Put a copy "
            "in its place; or move it away, and all is graded anew"
        ) from error


def _read_row(row: sqlite3.Row) -> Grading:
    plain = {**row} | {name: json.loads(row[name]) for name in JSON}
    plain["seed"] = None if row["seed"] is None else int(row["seed"])
    grade = Grade.from_dict({name: plain[name] for name in GRADE})
    names = ("number", "student", "attempt", "content", "path", "at", "settings", "versions")
    return Grading(grade=grade, **{name: plain[name] for name in names})


# --- the file -----------------------------------------------------------------------------------------------------


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", BUSY_S, uri=True, isolation_level=None)
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
        says = f"{path} is a database of format {found}, and this grader's gradebooks have format {SCHEMA}"
        raise UsageError(f"{says}: name another folder, or move the file away; nothing was changed")


def _unusable(path: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(
        f"{path} cannot be used as a gradebook ({error}): name another folder, or mend or move the file; "
        "nothing was changed"
    )
