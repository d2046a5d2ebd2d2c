"""A bound on what a fork server and all its children use together, where this process may make a control group.

Limits of a process count for each process alone, and files in memory are in none of them; a control group sums up.
Both versions of the kernel's interface are known; elsewhere there is no group, and ``make`` says so by None.
"""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path("/sys/fs/cgroup")
LIMITS = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max", "pids.max")}  # version 1, 2
EMPTY_S = 1.0
_numbers = itertools.count()


@dataclass(frozen=True)
class ControlGroup:
    folders: tuple[Path, ...]

    @classmethod
    def make(cls, memory_bytes: int, processes: int) -> Self | None:
        """A group with these limits, or None where there is none to be had."""
        made: list[Path] = []
        try:
            for controller, parent, version in _parents():
                _remove_stale(parent)
                folder = parent / f"grader-{os.getpid()}-{next(_numbers)}"
                if not made or version == 1:
                    folder.mkdir()
                    made.append(folder)
                limit = memory_bytes if controller == "memory" else processes
                (made[-1] / LIMITS[controller][version - 1]).write_text(str(limit))
            return cls(tuple(made)) if made else None
        except OSError:
            cls(tuple(made)).close()
            return None

    def enter(self) -> list[str]:
        """What stands before a command that is to run in the group, with all that it starts."""
        files = [str(folder / "cgroup.procs") for folder in self.folders]
        script = "".join(f'echo $$ > "${number}" && ' for number in range(1, len(files) + 1))
        return ["/bin/sh", "-c", f'{script}shift {len(files)} && exec "$@"', "sh", *files]

    def close(self) -> None:
        """What has been killed is in it for a moment; what is busy for longer is removed by the next that is made."""
        ends = time.monotonic() + EMPTY_S
        for folder in self.folders:
            while not _removed(folder) and time.monotonic() < ends:
                time.sleep(0.01)


def _parents() -> list[tuple[str, Path, int]]:
    """(controller, folder, version): where groups of ours may be made, for memory and for processes."""
    own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    first = {name: path for _, names, path in own for name in names.split(",") if name in LIMITS}
    if first:
        return [(name, ROOT / name / path.lstrip("/"), 1) for name, path in first.items()]
    path = next(path for number, _, path in own if number == "0")
    # a group of the second version has processes or controlled groups below it: ours stands beside our own
    beside = (ROOT / path.lstrip("/")).parent if path != "/" else ROOT
    enabled = (beside / "cgroup.subtree_control").read_text().split()
    return [(name, beside, 2) for name in LIMITS if name in enabled]


def _remove_stale(parent: Path) -> None:
    """Groups of graders that were killed."""
    for folder in parent.glob("grader-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            _removed(folder)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return not folder.exists()
    return True
