"""Folders of ours in the machine's temporary folder: gone with their owner, and if that was killed, soon after."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "grader-"
LOCK = ".lock"


class OwnFolder:
    """A new folder, held by a lock that ends with this process, however it ends. Makes room first: folders that
    nobody holds any more are removed."""

    def __init__(self) -> None:
        _remove_stale()
        made = Path(tempfile.mkdtemp(prefix=f"new-{PREFIX}"))  # under this name nobody takes it for a stale one
        self._lock = os.open(made / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.path = str(made.rename(made.with_name(made.name.removeprefix("new-"))))

    def close(self) -> None:
        """Remove it; the second time, nothing is left to do."""
        if self._lock >= 0:
            remove(self.path)
            os.close(self._lock)
            self._lock = -1


def _remove_stale() -> None:
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):  # somebody else's, or in use
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(str(lock.parent))
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def work_folder() -> Iterator[str]:
    """An empty folder that is gone afterwards, whatever stands in its place by then."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: str) -> None:
    """Remove a folder that a child could write to, whatever stands in its place by now."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):  # a file instead of the folder; folders a thousand deep
        subprocess.run(["rm", "-rf", "--", folder], capture_output=True, check=False)
