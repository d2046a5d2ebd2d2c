"""Zip files as learning platforms and learners make them, unpacked within bounds. Nothing in one is trusted.

Names may lead out of the folder (zip-slip), and a few bytes may claim to be terabytes (zip bombs): names are checked,
bytes are counted while they are written, and only files that a submission can consist of are unpacked at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.notebook import MAX_BYTES

WANTED = (".ipynb", ".py", ".md", ".yml", ".zip")
ENTRIES = 50_000  # of one archive: 3,000 learners with a dozen files each
TOTAL_BYTES = 8 << 30  # of one archive, unpacked
RATIO = 200  # notebooks full of figures shrink to a half, text to a tenth
FREE_BYTES = 1 << 20  # below this, a large ratio is no bomb
CHUNK = 1 << 16


class BadArchive(Exception):
    """An archive of which nothing can be had; the message says why."""


@dataclass(frozen=True)
class Unpacked:
    """Where the files are now, and which entries were left out, with the reason."""

    folder: Path
    problems: dict[str, str]


def unpack(path: Path, into: Path) -> Unpacked:
    """Unpack to a folder of ``into`` that is named after the archive and its content: a second run finds the same.

    Raises ``BadArchive``; what is wrong with single entries loses no other one.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
        target = into / f"{path.stem[:80]}-{digest}"
        into.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".", dir=into))
        try:
            with zipfile.ZipFile(path) as archive:
                problems = dict(_extract(archive, scratch))
            scratch.chmod(0o755)
            with suppress(OSError):  # it is there already, from an earlier run or another grader
                scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except zipfile.BadZipFile as error:
        raise BadArchive(f"the archive is damaged ({error}): pack it again") from error
    except OSError as error:
        raise BadArchive(f"the archive cannot be unpacked: {error.strerror or error}") from error
    return Unpacked(target, problems)


def _extract(archive: zipfile.ZipFile, folder: Path) -> Iterator[tuple[str, str]]:
    """Write what is wanted; yields (name, reason) of what is not written for a reason."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > ENTRIES:
        raise BadArchive(f"the archive holds {len(entries):,} files; at most {ENTRIES:,} are unpacked")
    left = TOTAL_BYTES
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        parts = name.split("/")
        if not name.lower().endswith(WANTED) or parts[0] == "__MACOSX" or parts[-1].startswith("."):
            continue
        target = folder.joinpath(*parts)
        if reason := _refused(entry, parts) or ("another file of the same name" if target.exists() else ""):
            yield name, reason
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(archive, entry, target, left)
            then = time.mktime((*entry.date_time, 0, 0, -1))
            os.utime(target, (then, then))
        except BadArchive as error:
            yield name, str(error)
        except (OSError, OverflowError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            target.unlink(missing_ok=True) if target.is_file() else None
            yield name, f"cannot be unpacked: {getattr(error, 'strerror', None) or error}"


def _refused(entry: zipfile.ZipInfo, parts: list[str]) -> str:
    if any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        return "its name leads out of the archive's folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, not a file"
    if entry.flag_bits & 1:
        return "it is encrypted: pack it without a password"
    return ""


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Bytes written, counted as they come: what the archive says of their number is only what it says."""
    written, most = 0, min(MAX_BYTES, left, max(FREE_BYTES, RATIO * entry.compress_size))
    with archive.open(entry) as source, target.open("xb") as copy:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > most:
                break
            copy.write(chunk)
    if written <= most:
        return written
    target.unlink()
    if most == left:
        raise BadArchive(f"the archive's files have more than {TOTAL_BYTES >> 30} GiB together")
    says = f"more than {MAX_BYTES >> 20} MiB" if most == MAX_BYTES else f"more than {RATIO} times its packed size"
    raise BadArchive(f"unpacked it has {says}")
