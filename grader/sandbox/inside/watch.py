"""What a fork server sees of the children that it has forked, and how it ends them. Stands alone, beside ``zygote``."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
from dataclasses import dataclass
from typing import Any

import lockdown  # type: ignore[import-not-found] # by its path, as who imports this has it

LOOK_S = 0.1


@dataclass
class Child:
    """``leash``: its other end is the grader's; ``ended``: a descriptor of the process; ``most``: bytes that it and all
    that it started may take together; ``by_itself``: None while it runs, and then whether it was not the leash's end
    that ended it."""

    pid: int
    leash: int
    ended: int
    most: int
    by_itself: bool | None = None
    queued_s: float | None = None


class Children:
    """Children that are each the first in a process namespace: with one, the kernel kills all that it started."""

    def __init__(self, control: int, sums: bool) -> None:
        """``control``: of the fork server; ``sums``: no control group sees to what a child's processes take."""
        self._control, self._sums = control, sums
        self._processes = os.open("/proc", os.O_PATH)
        self._of: dict[int, Child] = {}  # by both descriptors
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def add(self, child: Child) -> None:
        for descriptor in (child.leash, child.ended):
            self._of[descriptor] = child
            self._poll.register(descriptor, select.POLLIN)

    def attend(self) -> None:
        """Look after them until the fork server is asked for another."""
        asked = False
        while not asked:
            ready = {
                descriptor for descriptor, _ in self._poll.poll(1000 * LOOK_S if self._sums and self._of else None)
            }
            asked = self._control in ready
            for child in {id(child): child for child in map(self._of.get, ready) if child}.values():
                if child.leash in ready:
                    self._kill(child, by_itself=False)
                if child.ended in ready:
                    self._bury(child)
            for child in [*self._of.values()] if self._sums else ():
                threads = tree(self._processes, child.pid)
                if child.by_itself is None and too_much(self._processes, threads, child.most):
                    self._kill(child, by_itself=True)

    def _kill(self, child: Child, by_itself: bool) -> None:
        if child.by_itself is None:
            child.by_itself = by_itself
            child.queued_s = None if by_itself else time_in_queue(child.pid, self._processes)
            os.kill(child.pid, signal.SIGKILL)
        if not by_itself:
            self._poll.unregister(child.leash)

    def _bury(self, child: Child) -> None:
        _, status, used = os.wait4(child.pid, 0)
        by_signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) and child.by_itself is not False else 0
        with contextlib.suppress(OSError):
            tell(child.leash, **used_up(used), queued_s=child.queued_s, signal=by_signal)
        for descriptor in (child.leash, child.ended):
            del self._of[descriptor]
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
            os.close(descriptor)


def used_up(used: resource.struct_rusage) -> dict[str, float]:
    return {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}


def tell(leash: int, **said: Any) -> None:
    os.write(leash, json.dumps(said).encode() + b"\n")


def time_in_queue(child: int, processes: int) -> float | None:
    """For how long its first thread was ready to run and no processor was free; None where the kernel does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(read(processes, f"{child}/schedstat").split()[1]) / 1e9
    return None


def tree(processes: int, pid: int) -> dict[int, int]:
    """The process, all that it has started, and what those have, with how many threads each has."""
    found: dict[int, int] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        found[parent] = 0
        with contextlib.suppress(OSError):
            task = os.open(f"{parent}/task", os.O_RDONLY, dir_fd=processes)
            try:
                for thread in os.listdir(task):  # noqa: PTH208
                    found[parent] += 1
                    waiting += map(int, read(task, f"{thread}/children").split())
            finally:
                os.close(task)
    return found


def too_much(processes: int, threads: dict[int, int], most: int) -> bool:
    """Are they too many, or is their memory together more than ``most`` bytes? What they share, which takes longer to
    be told, counts once only where all that is in memory of each would be too much."""
    if sum(threads.values()) > lockdown.PROCESSES:
        return True
    resident = dict.fromkeys(threads, 0)
    for pid in threads:
        with contextlib.suppress(OSError, IndexError):  # it has ended
            resident[pid] = int(read(processes, f"{pid}/statm").split()[1]) * resource.getpagesize()
    if sum(resident.values()) <= most:
        return False
    for pid in threads:
        with contextlib.suppress(OSError, IndexError):
            resident[pid] = int(read(processes, f"{pid}/smaps_rollup").partition("\nPss:")[2].split()[0]) << 10
    return sum(resident.values()) > most


def read(folder: int, name: str) -> str:
    with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=folder)) as file:
        return file.read()
