"""Any ``concurrent.futures`` executor as a crew; Dask's is the one that is known by name.

Nothing of Dask is imported unless a scheduler's address is given, or an executor that is Dask's.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from grader.course.versions import grader_version
from grader.course.worker import Done
from grader.errors import GraderError, UsageError
from grader.sandbox.extras import require

if TYPE_CHECKING:
    from distributed import Client

MOST = 64  # works of a batch
CONNECT_S = 5.0  # for a scheduler to answer at all
COUNT_S = 2.0  # how long a count of the workers' threads holds
KEPT = "what was graded is kept, and the same command goes on from there"


class Workers:
    """An executor's. ``died``: the exceptions that say that a worker ended under its work."""

    most = MOST

    def __init__(self, executor: Executor, died: tuple[type[BaseException], ...]) -> None:
        self.died = died
        self._executor = executor

    @property
    def ahead(self) -> int:
        """One batch at work and one that waits for each worker."""
        return 2 * max(1, self._threads())

    def _threads(self) -> int:
        return getattr(self._executor, "_max_workers", None) or os.cpu_count() or 1

    def submit(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        try:
            return self._executor.submit(call, *given)
        except Exception as error:
            raise GraderError(f"the executor takes no more work ({error}): {KEPT}") from error

    alone = submit

    def notes(self) -> list[str]:
        return []

    def renew(self) -> bool:
        """The executor's own business."""
        return False

    def fatal(self, error: BaseException) -> GraderError | None:
        """A batch's own failures are in its results: what is raised is the workers', but where memory ran out."""
        if isinstance(error, GraderError):
            cause = next((each for each in error.args if isinstance(each, GraderError)), error)  # which Ray wraps
            return type(cause)(f"{cause} ({KEPT})")
        if isinstance(error, MemoryError):
            return None
        return GraderError(f"the workers cannot do this work ({error!r}): is this package installed there? {KEPT}")


class Cluster(Workers):
    """Dask's: workers come and go, and so does the scheduler."""

    def __init__(self, client: Client, executor: Executor | None = None) -> None:
        from distributed import KilledWorker

        super().__init__(executor or client.get_executor(pure=False), (KilledWorker, BrokenExecutor))
        self._client = client
        self._counted, self._count = 0.0, 1

    def _threads(self) -> int:
        if time.monotonic() - self._counted > COUNT_S and self._client.status == "running":
            self._count = self._client.scheduler_info(n_workers=0).get("total_threads", 1)
            self._counted = time.monotonic()
        return self._count

    def notes(self) -> list[str]:
        if self._threads():
            return []
        address = self._client.scheduler_info(n_workers=0)["address"]
        return [f"No worker is there yet: dask worker {address} --nthreads 1, on any machine, starts one"]

    def submit(self, call: Callable[..., Done], *given: Any) -> Future[Done]:
        if self._client.status not in ("running", "connecting"):
            raise GraderError(f"the scheduler has gone and has not come back: {KEPT}")
        return super().submit(call, *given)

    alone = submit


def crew_of(executor: Executor) -> Workers:
    """Any executor's; its ``died``, if it has that: what else than ``BrokenExecutor`` says that a worker died. Of
    Dask's, it is known."""
    if type(executor).__module__.partition(".")[0] == "distributed":
        return Cluster(executor._client, executor)  # type: ignore[attr-defined]
    return Workers(executor, (BrokenExecutor, *getattr(executor, "died", ())))


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The workers of a Dask scheduler. Raises ``UsageError`` where there is none, or with the name of each worker that
    has another version of this package."""
    require("distributed", "--jobs N on this machine")
    _look(address)
    import dask
    from distributed import Client

    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})  # a large submission is no mistake
    try:
        client = Client(address, name="grader", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"there is no Dask scheduler at {address} ({error}): dask scheduler starts one") from error
    with client:
        _check(client)
        yield Cluster(client)


def _look(address: str) -> None:
    """Dask would try for half a minute."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(f"a scheduler's address is like tcp://host:8786; got {address}")
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"nobody answers at {address} ({why}): dask scheduler, on that machine, starts one") from error


def _check(client: Client) -> None:
    """Those that come later are looked at with their first batch."""
    ours = grader_version()
    found = client.run(grader_version, on_error="return")
    wrong = {name: version for name, version in found.items() if version != ours}
    if wrong:
        told = "; ".join(
            f"worker {name}: {version if isinstance(version, str) else repr(version)}"
            for name, version in wrong.items()
        )
        raise UsageError(f"other versions of this package than {ours}: {told}. Install the same one there")
