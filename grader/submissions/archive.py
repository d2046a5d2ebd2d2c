"""Zip files as learning platforms and learners make them, unpacked within bounds. Nothing in one is trusted.

Names may lead out of the folder (zip-slip), and a few bytes may claim to be terabytes (zip bombs): names are checked,
and only files that a submission can consist of are unpacked at all. What an upload may cost is one account, of bytes,
files and seconds: each byte is charged as it is written, whatever becomes of its file, and an archive in an archive has
a part of the account of the whole.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from grader.errors import DISK_ERRORS, OutputError
from grader.sandbox.account import SECONDS, Account
from grader.sandbox.scratch import OwnFolder
from grader.submissions.upload import MAX_BYTES

WANTED = (".ipynb", ".py", ".md", ".yml", ".zip")
ENTRIES = 50_000  # of what was uploaded: 3,000 learners with a dozen files each
ENTRY_BYTES = 4 << 10  # what a file costs besides its content: a block of the disk, and our time
DEPTH = 50  # folders in folders, which others who walk them may walk by recursion
TOTAL_BYTES = 8 << 30  # of what was uploaded, unpacked
RATIO = 200  # notebooks full of figures shrink to a half, text to a tenth
FREE_BYTES = 1 << 20  # below this, a large ratio is no bomb
UNPACKING_S, PACE = 20.0, 1 << 20  # seconds that any upload has, and bytes for each of which it has one more
NAME_BYTES = 80  # of the archive's name in the folder's
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others are unpacked without a bound
OTHER_METHODS = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd"}
ENTRY_BEGINS = b"PK\1\2"  # in the directory
UTF8 = 0x800  # the flag of an entry that says so of its name
HEADER_BYTES = 30  # that stand before an entry, with its name
DIRECTORY_BYTES = 16 << 20  # of an archive's directory: 50,000 entries with names of 200 bytes
OURS = (*DISK_ERRORS, errno.EMFILE, errno.ENFILE, errno.EFBIG)  # the machine's limits, whatever is in an archive
CHUNK = 1 << 16


class BadArchive(Exception):
    """An archive of which nothing can be had; the message says why."""


def account_of(path: Path, whole: Account | None = None) -> Account:
    """What an archive may cost by its size; in another one, of what that has left."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    bytes, seconds = min(TOTAL_BYTES, max(FREE_BYTES, RATIO * size)), UNPACKING_S + size / PACE
    return Account(bytes, ENTRIES, seconds) if whole is None else whole.part(bytes, seconds=seconds)


@dataclass(frozen=True)
class Unpacked:
    """Where the files are now, and which entries were left out, with the reason."""

    folder: Path
    problems: dict[str, str]


def unpack(path: Path, into: Path, account: Account) -> Unpacked:
    """Unpack to a folder of ``into`` that is named after the archive and its content: a second run finds the same.

    Raises ``BadArchive``; what is wrong with single entries loses no other one. Raises ``OutputError`` where nothing
    can be written, as on a full disk, which is no student's mistake.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        digest.update(str(account.bytes).encode())  # how much of it is unpacked depends on that
        stem = os.fsencode(path.stem)[:NAME_BYTES].decode("utf-8", "ignore")
        target = into / f"{stem}-{digest.hexdigest()[:12]}"
        with _scratch(into) as folder:
            scratch = Path(folder, "files")
            scratch.mkdir()
            with _Stream(path) as stream, stream.archive() as archive:
                problems = dict(_extract(archive, scratch, account))
            _settle(scratch, target)
    except (BadArchive, OutputError):
        raise
    except OSError as error:
        raise _not_unpacked(error, "the archive ") from error
    except Exception as error:  # zipfile raises whatever its parsing of the directory trips over
        raise BadArchive(f"the archive is damaged ({error}): pack it again") from error
    return Unpacked(target, problems)


def listed(path: Path) -> list[list[str]]:
    """The names in an archive by their parts, of which a folder's last one is empty."""
    try:
        with _Stream(path) as stream, stream.archive() as archive:
            return [_name(entry).split("/")[: DEPTH + 1] for entry in archive.infolist()]
    except Exception:  # as above: what is wrong with it was said where it was unpacked
        return []


class _Stream(io.BufferedReader):
    """An archive whose directory is looked at as it is read: zipfile makes an object of each entry that is in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._opening = True
        self._entries = 0

    def archive(self) -> zipfile.ZipFile:
        archive = zipfile.ZipFile(self)
        self._opening = False
        return archive

    def read(self, size: int | None = -1, /) -> bytes:
        if self._opening and size is not None and size > DIRECTORY_BYTES:
            raise BadArchive(f"the archive's directory has {size >> 20} MiB; at most {DIRECTORY_BYTES >> 20} are read")
        data = super().read(size)
        if self._opening:
            self._entries += data.count(ENTRY_BEGINS)
            if self._entries > 2 * ENTRIES:  # the end of the directory may have been read twice
                raise BadArchive(f"the archive holds more than {ENTRIES:,} files; at most so many are unpacked")
        return data


def _scratch(into: Path) -> OwnFolder:
    try:
        into.mkdir(parents=True, exist_ok=True)
        return OwnFolder(str(into), make_room=False)  # there may be thousands: `collect` makes room once
    except OSError as error:
        raise OutputError.of(error) from error


def _settle(scratch: Path, target: Path) -> None:
    try:
        scratch.rename(target)
    except OSError as error:
        if not target.is_dir():  # else it is there already, from an earlier run or another grader
            raise OutputError.of(OSError(error.errno, error.strerror, str(target))) from error


def _extract(archive: zipfile.ZipFile, folder: Path, account: Account) -> Iterator[tuple[str, str]]:
    """Write what is wanted; yields (name, reason) of what is not written for a reason."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    left = account.entries
    if not account.draw(entries=len(entries)):
        shared = "" if left == ENTRIES else f" of one upload, and {left:,} are left"
        raise BadArchive(f"the archive holds {len(entries):,} files; at most {ENTRIES:,} are unpacked{shared}")
    overlapping = _overlapping(entries)
    with account.clock():
        yield from _written(archive, entries, overlapping, folder, account)


def _name(entry: zipfile.ZipInfo) -> str:
    """With slashes. Many programs write UTF-8 and do not say so; zipfile then reads the code page of MS-DOS."""
    name = entry.filename
    if not entry.flag_bits & UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _overlapping(entries: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Entries that begin before the end of another: thousands may be made of the same bytes, which are read once."""
    order = sorted(entries, key=lambda entry: entry.header_offset)
    ends = ((one.header_offset + HEADER_BYTES + one.compress_size, other) for one, other in pairwise(order))
    return {id(other) for end, other in ends if other.header_offset < end}


def _written(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], overlapping: set[int], folder: Path, account: Account
) -> Iterator[tuple[str, str]]:
    for entry in entries:
        name = _name(entry)
        parts = name.split("/")
        if not name.lower().endswith(WANTED) or parts[0] == "__MACOSX" or parts[-1].startswith("."):
            continue
        if len(parts) > DEPTH:
            yield "/".join([*parts[:DEPTH], "…"]), f"it lies more than {DEPTH} folders deep"
            continue
        target = folder.joinpath(*parts)
        reason = "it is made of the same bytes as another file" if id(entry) in overlapping else ""
        reason = reason or _refused(entry, parts)
        if reason or os.path.lexists(target):
            yield name, reason or "another file of the same name"
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(archive, entry, target, account)
        except BadArchive as error:
            yield name, str(error)
        except OSError as error:
            yield name, str(_not_unpacked(error))
        except Exception as error:  # so do the decompressors: zlib.error, LZMAError, EOFError, NotImplementedError
            yield name, f"cannot be unpacked: {error}"


def _not_unpacked(error: OSError, what: str = "") -> BadArchive:
    if error.errno in OURS:
        raise OutputError.of(error) from error
    return BadArchive(f"{what}cannot be unpacked: {error.strerror or error}")


def _refused(entry: zipfile.ZipInfo, parts: list[str]) -> str:
    if any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        return "its name leads out of the archive's folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, not a file"
    if entry.flag_bits & 1:
        return "it is encrypted: pack it without a password"
    if entry.compress_type not in METHODS:
        method = OTHER_METHODS.get(entry.compress_type, f"method {entry.compress_type}")
        return f"it is packed by {method}, which is not read: pack it as ordinary zip programs do"
    return ""


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, account: Account) -> None:
    """Bytes are counted as they come: what the archive says of their number is only what it says."""
    if not account.draw(ENTRY_BYTES):
        raise _too_large(account)
    written, most = 0, min(MAX_BYTES, max(FREE_BYTES, RATIO * entry.compress_size))
    try:
        with archive.open(entry) as source, target.open("xb") as copy:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if not account.draw(len(chunk)) or written > most:
                    raise _too_large(account, most)
                copy.write(chunk)
    except Exception:
        if target.is_file():
            target.unlink()
        raise
    with suppress(OverflowError, ValueError, OSError):  # a date that is none is no reason
        then = time.mktime((*entry.date_time, 0, 0, -1))
        os.utime(target, (then, then))


def _too_large(account: Account, most: int = 0) -> BadArchive:
    if account.dry == SECONDS:
        return BadArchive("what was handed in takes too long to be unpacked")
    if account.dry:
        return BadArchive("the files of what was handed in are too large together to be unpacked")
    says = f"more than {MAX_BYTES >> 20} MiB" if most == MAX_BYTES else f"more than {RATIO} times its packed size"
    return BadArchive(f"unpacked it has {says}")
