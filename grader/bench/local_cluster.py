"""A cluster on this machine: Dask's own scheduler and workers, as its command line starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

START_S = 60.0


class Cluster:
    """A scheduler, and workers of one thread each, with the nannies that start them again; a context manager."""

    def __init__(self, folder: Path, workers: int = 0, env: Mapping[str, str] | None = None) -> None:
        """``folder``: an empty one, for their logs and files, which names all their processes."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.env = {**os.environ, "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.started: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start_scheduler()
        self.nannies = [self.add_worker() for _ in range(workers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.started):  # to take their leave, they would need seconds
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--no-show"]
        self.scheduler = self._start("scheduler", *options)
        until(lambda: _listens(self.port), self.said)
        return self.scheduler

    def add_worker(self, *options: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """``--no-nanny``: one that nobody starts again, in half of the time."""
        usual = ["--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(self.folder)]
        return self._start("worker", self.address, *usual, *options, env=env)

    def _start(self, kind: str, *options: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-P", "-m", f"distributed.cli.dask_{kind}", *options]
        log = self.folder / f"{len(self.started)}-{kind}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                words, env={**self.env, **(env or {})}, stdout=said, stderr=said, start_new_session=True
            )
        self.started.append(process)
        return process

    def said(self) -> str:
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in self.folder.glob("*.log"))


def until(holds: Callable[[], bool], otherwise: Callable[[], str], within_s: float = START_S) -> None:
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends, otherwise()
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True
