"""Folders of ours that are gone with their owner, and if that was killed, with the next run.

What was written into one may be anything: folders that their owner may not enter, thousands in one another, a file in
the place of the folder itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "grader-"
LOCK = ".lock"
REMOVING_S = 1.0  # for what one child has left; what takes longer is left to the next run
STALE_S = 2.0  # for what killed runs have left, before one begins
RENAMED = ".gone-"  # what a folder is called that lay deeper
_UP = "."


class OwnFolder:
    """A new folder, held by a lock that ends with this process, however it ends. Makes room first: folders that
    nobody holds any more are removed."""

    def __init__(self, parent: str | None = None, *, make_room: bool = True) -> None:
        """In ``parent``, by default the machine's temporary folder. Raises ``OSError``."""
        if make_room:
            remove_stale(parent or tempfile.gettempdir())
        made = Path(tempfile.mkdtemp(prefix=f"new-{PREFIX}", dir=parent))  # so called, nobody takes it for a stale one
        self._lock = os.open(made / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.path = str(made.rename(made.with_name(made.name.removeprefix("new-"))))

    def __enter__(self) -> str:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove it; the second time, nothing is left to do."""
        if self._lock >= 0:
            remove(self.path)
            os.close(self._lock)
            self._lock = -1


def remove_stale(parent: str, within_s: float = STALE_S) -> None:
    """What graders that were killed have left in a folder."""
    ends = time.monotonic() + within_s
    for lock in Path(parent).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):  # somebody else's, or in use
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(str(lock.parent), ends - time.monotonic())
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def work_folder() -> Iterator[str]:
    """An empty folder that is gone afterwards, whatever stands in its place by then."""
    with OwnFolder() as folder:
        work = f"{folder}/work"
        os.mkdir(work, 0o700)  # noqa: PTH102
        yield work


def remove(folder: str, within_s: float = REMOVING_S) -> bool:
    """Remove a folder that a child could write to. False if something is left, as where there was not the time: what
    can be told from that, the lock, goes last."""
    with contextlib.suppress(OSError):
        try:
            top = _open(folder)
        except NotADirectoryError:  # something stands in its place
            os.unlink(folder)  # noqa: PTH108
            return True
        try:
            if _emptied(top, time.monotonic() + within_s):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(LOCK, dir_fd=top)
                os.rmdir(folder)  # noqa: PTH106
        finally:
            os.close(top)
    return not os.path.lexists(folder)


def _emptied(top: int, ends: float) -> bool:
    """What lies deeper is moved to the top, and emptied in its turn: no path gets long, nothing goes by recursion, and
    no link is followed, whoever may still be writing."""
    waiting, moved, unlikely = [_UP], 0, secrets.token_hex(8)
    while waiting:
        name = waiting.pop()
        here = _open(name, top)
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if time.monotonic() > ends:
                        return False
                    if name == _UP and entry.name == LOCK:
                        continue
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.name, dir_fd=here)
                    elif name == _UP:
                        waiting.append(entry.name)
                    else:
                        moved += 1
                        waiting.append(f"{RENAMED}{unlikely}-{moved}")
                        os.close(_open(entry.name, here))  # to be moved, it has to be writable itself
                        os.rename(entry.name, waiting[-1], src_dir_fd=here, dst_dir_fd=top)
        finally:
            os.close(here)
        if name != _UP:
            os.rmdir(name, dir_fd=top)
    return True


def _open(folder: str, within: int | None = None) -> int:
    """A folder that may be entered and written to from now on. Raises ``NotADirectoryError`` where there is none."""
    if hasattr(os, "O_PATH"):
        path = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=within)
        try:
            if os.fstat(path).st_mode & stat.S_IRWXU != stat.S_IRWXU:
                os.chmod(f"/proc/self/fd/{path}", stat.S_IRWXU)  # noqa: PTH101
        finally:
            os.close(path)
    else:  # macOS
        os.chmod(folder, stat.S_IRWXU, dir_fd=within, follow_symlinks=False)
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=within)
