"""What was handed in, as one number: a submission whose content is the same is not graded again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from grader.intake import Item
from grader.notebook import MAX_BYTES, leads_out
from grader.submission import EXPLANATION
from grader.task import SCRIPT, SCRIPT_CHECK


def fingerprint(item: Item) -> str:
    """SHA-256 of what was handed in: of a file's bytes, or, where several files are one answer, of the list that
    ``sha256sum`` prints of them. Of what is not to be read, of the reason."""
    if item.problem:
        return hashlib.sha256(item.problem.encode("utf-8", "replace")).hexdigest()
    path = item.path
    files = [path]
    if os.path.isdir(path):  # noqa: PTH112 (a Path's is_dir raises where a name is too long)
        files = [*path.glob("*.ipynb"), *(path / name for name in (SCRIPT, SCRIPT_CHECK, EXPLANATION))]
    elif path.suffix == ".py":
        files += [path.with_name(SCRIPT_CHECK), path.with_name(EXPLANATION)]
    there = sorted({file for file in files if file == path or (os.path.lexists(file) and not leads_out(file))})
    if there == [path]:
        return digest(path)
    listed = "".join(f"{digest(file)}  {file.name}\n" for file in there)
    return hashlib.sha256(os.fsencode(listed)).hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file; of one too large to be graded, of its beginning and its size; of one that cannot be read, of
    the reason."""
    try:
        if not path.is_file():
            return hashlib.sha256(b"no regular file").hexdigest()
        with path.open("rb") as stream:
            found = hashlib.sha256()
            for _ in range(MAX_BYTES >> 20):
                found.update(stream.read(1 << 20))
            if stream.read(1):
                found.update(f"; {os.fstat(stream.fileno()).st_size} bytes in all".encode())
            return found.hexdigest()
    except OSError as error:
        return hashlib.sha256(f"unreadable: {error.strerror}".encode()).hexdigest()
