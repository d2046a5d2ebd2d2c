"""A cluster on this machine, and the processes in it that can be killed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grader.bench import local_cluster
from grader.bench.local_cluster import until
from grader.tests.support.batch import children


class Cluster(local_cluster.Cluster):
    def worker_of(self, nanny: subprocess.Popen[bytes]) -> int:
        """The process that works, below the one that looks after it."""
        found: list[int] = []

        def there() -> bool:
            found[:] = [pid for pid in children(nanny.pid) if b"spawn_main" in _words(pid)]
            return bool(found)

        until(there, self.said)
        return found[0]


def runs(pid: int) -> bool:
    """And is not just waiting to be counted."""
    return bool(_words(pid))


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
