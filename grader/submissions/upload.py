"""The bytes of one submission, read once: its digest is of them, and so is its verdict."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
import stat
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO

from grader.exercises.interface import Handout
from grader.sandbox.account import BYTES, ENTRIES, SECONDS, SUBMISSION_BYTES, SUBMISSION_ENTRIES, Account, in_memory
from grader.submissions.kinds import what_it_is
from grader.submissions.notebook import Unreadable, leads_out, printable
from grader.submissions.sift import COPIES, SIFTED, VALUE_PRICE, sifted, values

EXPLANATION = "explanation.md"
MAX_BYTES = 64 << 20  # of all files together; figures are stored in the notebook, and more than this is no homework
MAX_NOTEBOOKS, MAX_ENTRIES = 20, 10_000  # of one folder
READ_S = 30  # for all files of a submission; network drives take their time
SCRIPT_BYTES = 4 << 20  # more is no script of anybody's
TEXT_BYTES = 1 << 20  # of an explanation: what is cut off is not kept anyway
PART_BYTES = 4 << 20
TOO_MUCH = {
    BYTES: f"needs more memory than one submission may ({SUBMISSION_BYTES >> 20} MiB)",
    ENTRIES: f"holds too many values (at most {SUBMISSION_ENTRIES:,} are read)",
    SECONDS: "takes too long to be read",
}


@dataclass(frozen=True)
class File:
    """A file as it was found; ``problem`` says why it is not read. ``digest``: SHA-256 of its bytes; of one that is too
    large, of its beginning and its size; of one that cannot be read, of the reason."""

    name: str
    data: bytes = b""
    problem: str = ""
    digest: str = ""

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> File:
        """As much is read as the account has bytes and seconds for."""
        account = account or Account.of_submission().part(MAX_BYTES)
        name, room = printable(path.name), account.bytes
        try:
            with open(path, "rb", opener=_without_waiting) as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return cls._irregular(path, "this is not a regular file")
                data, size = _read(stream, account, status.st_size), status.st_size if stream.read(1) else 0
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV):  # nobody listens at a pipe's or socket's end
                return cls._irregular(path, "this is not a regular file")
            if error.errno in (errno.ENOENT, errno.ELOOP):
                is_link = os.path.lexists(path)
                return cls._irregular(path, "this is a link that leads nowhere" if is_link else "there is no such file")
            reason = str(error.strerror or error)
            return cls(
                path.name, problem=f"{name} cannot be read: {reason}", digest=_sha256(f"unreadable: {reason}".encode())
            )
        if not size:
            return cls(path.name, data, digest=_sha256(data))
        problem = f"{name} has {size >> 20} MiB; at most {MAX_BYTES >> 20} are read"
        if room < MAX_BYTES:
            problem = f"{name} is too much: at most {MAX_BYTES >> 20} MiB are read of all files together"
        return cls(path.name, problem=problem, digest=_sha256(data + f"; {size} bytes in all".encode()))

    @classmethod
    def _irregular(cls, path: Path, what: str) -> File:
        return cls(path.name, problem=f"{printable(path.name)}: {what}", digest=_sha256(b"no regular file"))

    def text(self, account: Account) -> str:
        """Of a notebook, without what is not read of it. Raises ``Unreadable`` where there is none, or more than the
        account allows for."""
        if self.problem:
            raise Unreadable(self.problem)
        try:
            if self.name.endswith(".py"):
                return self._script(account)
            return self._notebook(account) if self.name.endswith(".ipynb") else self._words()
        except UnicodeDecodeError as error:
            kind = what_it_is(self.data)
            message = f"{printable(self.name)} is not UTF-8 text (byte {error.start})"
            raise Unreadable(f"{printable(self.name)}: {kind}" if kind else message) from error

    def _script(self, account: Account) -> str:
        if len(self.data) > SCRIPT_BYTES:
            most = f"at most {SCRIPT_BYTES >> 20} are read of a script"
            raise Unreadable(f"{printable(self.name)} has {len(self.data) / 2**20:.0f} MiB; {most}")
        self._draw(account, in_memory(self.data))
        declared = _declared(self.data)
        try:
            return self.data.decode(declared)
        except UnicodeDecodeError:
            raise
        except (LookupError, UnicodeError) as error:  # Python knows codecs that make no text, too
            raise Unreadable(
                f"{printable(self.name)} declares the encoding {declared}, which is none of text"
            ) from error

    def _words(self) -> str:
        cut = self.data[:TEXT_BYTES]
        return codecs.getincrementaldecoder("utf-8")().decode(cut, final=len(cut) == len(self.data))

    def _notebook(self, account: Account) -> str:
        kept: bytes | bytearray | None = self.data
        if len(self.data) > SIFTED:
            kept = sifted(self.data, account)
        else:
            count = values(self.data)
            self._draw(account, VALUE_PRICE * count + COPIES * in_memory(self.data), count)
        self._draw(account, in_memory(kept or b""))
        return (kept or b"").decode("utf-8")

    def _draw(self, account: Account, bytes: int, entries: int = 0) -> None:
        if not account.draw(bytes, entries):
            raise Unreadable(f"{printable(self.name)} {TOO_MUCH[account.dry]}: leave out what is not needed")


@dataclass(frozen=True)
class Upload:
    """What was handed in: a file with what belongs to it beside it, or a folder's files. ``problem``: why nothing of it
    is read, where that is known already; ``account``: what its grading may still cost."""

    path: Path
    files: tuple[File, ...] = ()
    folder: bool = False
    problem: str = ""
    account: Account = field(default_factory=Account.of_submission, compare=False)

    @classmethod
    def read(cls, path: Path, handout: Handout, account: Account | None = None) -> Upload:
        """Read whatever is there. What cannot be read is part of the value."""
        folder = os.path.isdir(path)  # noqa: PTH112 (a Path's is_dir raises where a name is too long)
        account = account or Account.of_submission()
        files: list[File] = []
        try:
            belonging = sorted(_belonging(path, handout, folder=folder))
        except Unreadable as error:
            return cls(path, folder=folder, problem=str(error), account=account)
        with account.clock(), account.part(MAX_BYTES, seconds=READ_S).clock() as left:
            for file in belonging:
                if file != path and leads_out(file):
                    name = printable(file.name)
                    problem = f"{name} is a link that leads out of the folder that was handed in"
                    files.append(File(file.name, problem=problem, digest=_sha256(problem.encode())))
                else:
                    files.append(File.read(file, left))
        return cls(path, tuple(files), folder, account=account)

    @classmethod
    def of_texts(cls, texts: Mapping[str, str], handout: Handout) -> Upload:
        """A workspace that is no folder: files by name, as what lies in one. A script alone is one without a check."""
        beside = (handout.script, handout.script_check, EXPLANATION)
        files, room = [], MAX_BYTES
        for name in sorted(texts):
            if name in beside or (name.endswith(".ipynb") and "/" not in name):
                data = texts[name].encode("utf-8", "surrogatepass")
                problem = f"{printable(name)} is too much: at most {MAX_BYTES >> 20} MiB are read of all files together"
                file = File(name, data, digest=_sha256(data)) if len(data) <= room else File(name, problem=problem)
                files.append(file)
                room -= len(file.data)
        alone = [file.name for file in files if file.name != EXPLANATION] == [handout.script]
        return cls(Path(handout.script if alone else "workspace"), tuple(files), folder=not alone)

    def file(self, name: str) -> File | None:
        return next((file for file in self.files if file.name == name), None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was handed in: of a file's bytes, or, where several files are one answer, of the list that
        ``sha256sum`` prints of them. Of what is not to be read, of the reason."""
        if self.problem:
            return _sha256(self.problem.encode("utf-8", "replace"))
        if not self.folder and len(self.files) == 1:
            return self.files[0].digest
        return _sha256(os.fsencode("".join(f"{file.digest}  {file.name}\n" for file in self.files)))


def _belonging(path: Path, handout: Handout, *, folder: bool) -> set[Path]:
    beside = (handout.script, handout.script_check, EXPLANATION)
    if folder:
        return {*_notebooks(path), *(path / name for name in beside if os.path.lexists(path / name))}
    if path.suffix == ".py":
        return {path, *(file for name in beside[1:] if os.path.lexists(file := path.with_name(name)))}
    return {path}


def _notebooks(folder: Path) -> list[Path]:
    """Raises ``Unreadable`` where there are more than anybody would look through."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MAX_ENTRIES + 1)]
    except OSError as error:
        raise Unreadable(f"{printable(folder.name)} cannot be read: {error.strerror or error}") from error
    notebooks = [folder / name for name in names if name.endswith(".ipynb")]
    for found, most, what in ((names, MAX_ENTRIES, "files"), (notebooks, MAX_NOTEBOOKS, "notebooks")):
        if len(found) > most:
            where = printable(folder.name)
            raise Unreadable(f"there are more than {most:,} {what} in {where}: keep the one that is to be graded")
    return notebooks


def _without_waiting(path: str, flags: int) -> int:
    """Who opens a pipe otherwise waits for somebody at its other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _read(stream: IO[bytes], account: Account, size: int) -> bytes:
    """``size`` is what it says it has. Raises ``TimeoutError`` where a file system is too slow."""
    whole = io.BytesIO()
    if size := min(size, account.bytes):  # made at once: what grows may be in memory twice
        whole.seek(size - 1)
        whole.write(b"\0")
        whole.seek(0)
    while account.bytes > 0 and (part := stream.read(min(account.bytes, PART_BYTES))):
        whole.write(part)
        if not account.draw(len(part)):
            raise TimeoutError(errno.ETIMEDOUT, f"it took more than {READ_S} s")
    whole.truncate()
    return whole.getvalue()


def _declared(data: bytes) -> str:
    """The encoding that a script's first lines declare, as Python reads them; else UTF-8."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, ValueError):
        return "utf-8"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
