"""Zip files as learning platforms and learners make them, unpacked within bounds. Nothing in one is trusted.

Names may lead out of the folder (zip-slip), and a few bytes may claim to be terabytes (zip bombs): names are checked,
bytes are counted while they are written, and only files that a submission can consist of are unpacked at all. Archives
in an archive spend its allowance, of bytes and of files: bounds that hold for each of them would multiply.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from grader.errors import DISK_ERRORS, OutputError
from grader.notebook import MAX_BYTES

WANTED = (".ipynb", ".py", ".md", ".yml", ".zip")
ENTRIES = 50_000  # of what was uploaded: 3,000 learners with a dozen files each
ENTRY_BYTES = 4 << 10  # what a file costs besides its content: a block of the disk, and our time
DEPTH = 50  # folders in folders, which others who walk them may walk by recursion
TOTAL_BYTES = 8 << 30  # of what was uploaded, unpacked
RATIO = 200  # notebooks full of figures shrink to a half, text to a tenth
FREE_BYTES = 1 << 20  # below this, a large ratio is no bomb
NAME_BYTES = 80  # of the archive's name in the folder's
OURS = (*DISK_ERRORS, errno.EMFILE, errno.ENFILE, errno.EFBIG)  # the machine's limits, whatever is in an archive
CHUNK = 1 << 16


class BadArchive(Exception):
    """An archive of which nothing can be had; the message says why."""


@dataclass
class Allowance:
    """Bytes and files that may still be written for one upload, whatever is packed in what."""

    left: int
    entries: int

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            return cls(min(TOTAL_BYTES, max(FREE_BYTES, RATIO * path.stat().st_size)), ENTRIES)
        except OSError:
            return cls(FREE_BYTES, ENTRIES)


@dataclass(frozen=True)
class Unpacked:
    """Where the files are now, and which entries were left out, with the reason."""

    folder: Path
    problems: dict[str, str]


def unpack(path: Path, into: Path, allowance: Allowance) -> Unpacked:
    """Unpack to a folder of ``into`` that is named after the archive and its content: a second run finds the same.

    Raises ``BadArchive``; what is wrong with single entries loses no other one. Raises ``OutputError`` where nothing
    can be written, as on a full disk, which is no student's mistake.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        digest.update(str(allowance.left).encode())  # how much of it is unpacked depends on that
        stem = os.fsencode(path.stem)[:NAME_BYTES].decode("utf-8", "ignore")
        target = into / f"{stem}-{digest.hexdigest()[:12]}"
        scratch = _scratch(into)
        try:
            with zipfile.ZipFile(path) as archive:
                problems = dict(_extract(archive, scratch, allowance))
            _settle(scratch, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
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
        with zipfile.ZipFile(path) as archive:
            return [name.replace("\\", "/").split("/")[: DEPTH + 1] for name in archive.namelist()]
    except Exception:  # as above: what is wrong with it was said where it was unpacked
        return []


def _scratch(into: Path) -> Path:
    try:
        into.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".", dir=into))
    except OSError as error:
        raise OutputError.of(error) from error


def _settle(scratch: Path, target: Path) -> None:
    try:
        scratch.chmod(0o755)
        scratch.rename(target)
    except OSError as error:
        if not target.is_dir():  # else it is there already, from an earlier run or another grader
            raise OutputError.of(OSError(error.errno, error.strerror, str(target))) from error


def _extract(archive: zipfile.ZipFile, folder: Path, allowance: Allowance) -> Iterator[tuple[str, str]]:
    """Write what is wanted; yields (name, reason) of what is not written for a reason."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > allowance.entries:
        shared = "" if allowance.entries == ENTRIES else f" of one upload, and {allowance.entries:,} are left"
        raise BadArchive(f"the archive holds {len(entries):,} files; at most {ENTRIES:,} are unpacked{shared}")
    allowance.entries -= len(entries)
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        parts = name.split("/")
        if not name.lower().endswith(WANTED) or parts[0] == "__MACOSX" or parts[-1].startswith("."):
            continue
        if len(parts) > DEPTH:
            yield "/".join([*parts[:DEPTH], "…"]), f"it lies more than {DEPTH} folders deep"
            continue
        target = folder.joinpath(*parts)
        if reason := _refused(entry, parts) or ("another file of the same name" if os.path.lexists(target) else ""):
            yield name, reason
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(archive, entry, target, allowance)
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
    return ""


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, allowance: Allowance) -> None:
    """Bytes are counted as they come: what the archive says of their number is only what it says."""
    allowance.left -= ENTRY_BYTES
    if allowance.left < 0:
        raise _too_large(allowance.left, allowance)
    written, most = 0, min(MAX_BYTES, allowance.left, max(FREE_BYTES, RATIO * entry.compress_size))
    try:
        with archive.open(entry) as source, target.open("xb") as copy:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > most:
                    raise _too_large(most, allowance)
                copy.write(chunk)
    except Exception:
        if target.is_file():
            target.unlink()
        raise
    allowance.left -= written
    with suppress(OverflowError, ValueError, OSError):  # a date that is none is no reason
        then = time.mktime((*entry.date_time, 0, 0, -1))
        os.utime(target, (then, then))


def _too_large(most: int, allowance: Allowance) -> BadArchive:
    if most == allowance.left:
        return BadArchive("the files of what was handed in are too large together to be unpacked")
    says = f"more than {MAX_BYTES >> 20} MiB" if most == MAX_BYTES else f"more than {RATIO} times its packed size"
    return BadArchive(f"unpacked it has {says}")
