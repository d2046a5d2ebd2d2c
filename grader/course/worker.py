"""What runs where submissions are graded: in a process of this machine's pool, or of a worker on another one.

Light to import, because a cluster's scheduler reads it, too.
"""

from __future__ import annotations

import atexit
import os
import pickle
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from grader.course.versions import grader_version
from grader.errors import GraderError, IsolationError, UsageError


class Opened(Protocol):
    """What a job keeps open, such as a sandbox."""

    def close(self) -> None: ...


class Job(Protocol):
    """What is done with each work, and what has to be open for that. A value, which travels to the workers."""

    def open(self) -> Any:
        """Something ``Opened``."""

    def do(self, opened: Any, work: Any) -> Any:
        """The result of one work, as a value. Never raises for what the work holds."""


@dataclass(frozen=True)
class Done:
    """The results of a batch, in the order of its works, and how long they took."""

    results: Sequence[Any]
    seconds: float


def perform(version: str, job: bytes, works: bytes, turn: str) -> Done:
    """A batch: the pickled job, and the pickled list of the pickled works. ``turn`` is another one each time: Dask
    takes equal calls for one, also where that one has failed.

    Raises ``GraderError`` with the name of the worker where nothing can be graded here. The version is looked at
    before anything is unpickled, which another version might read differently.
    """
    if version != grader_version():
        message = f"{_name()} has grader {grader_version()}, and this is grader {version}"
        raise UsageError(f"{message}: install the same one there, and start the worker again")
    kept = _kept(os.getpid())
    with kept.lock:
        todo, opened = kept.ready(job)
        started = time.monotonic()
        results = [todo.do(opened, pickle.loads(work)) for work in pickle.loads(works)]
        return Done(results, time.monotonic() - started)


def close() -> None:
    """What this process keeps open."""
    _kept(os.getpid()).close()


class _Kept:
    """One job that is open and warm, from its first batch until another job comes or the process ends. One batch at a
    time works with it: several threads of a worker take turns."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._bytes = b""
        self._job: Job
        self._opened: Opened | None = None
        atexit.register(self.close)

    def ready(self, job: bytes) -> tuple[Job, Opened]:
        if self._opened is None or job != self._bytes:
            self.close()
            try:
                self._job, self._bytes = pickle.loads(job), job
                self._opened = self._job.open()
            except (IsolationError, UsageError) as error:
                raise type(error)(f"{_name()}: {error}") from error
            except Exception as error:
                raise GraderError(f"{_name()}: the grader could not be opened: {error!r}") from error
        return self._job, self._opened

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


@cache
def _kept(process: int) -> _Kept:
    """A process that was forked has one of its own."""
    return _Kept()


def _name() -> str:
    """By which somebody finds this worker: as Dask calls it, where Dask has started it."""
    here = f"process {os.getpid()} on {socket.gethostname()}"
    if dask := sys.modules.get("distributed.worker"):
        try:
            return f"worker {dask.get_worker().address} ({here})"
        except ValueError:  # this process is no worker, but has a client
            pass
    return f"worker {here}"
