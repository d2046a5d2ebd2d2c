"""Times of repeated work, of whole commands, and of what a long-lived process reports."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

RUNNER = Path(__file__).with_name("runner.py")
ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
PACKAGES = ("numpy", "matplotlib", "nbclient", "ipykernel", "jupyter_client", "pyzmq", "IPython")


@dataclass(frozen=True)
class Times:
    """Seconds of one piece of work, done again and again."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def beyond(self, other: Times) -> float:
        """What they take more than another work in the same round, in the median."""
        return statistics.median(one - its for one, its in zip(self.seconds, other.seconds, strict=True))

    def __str__(self) -> str:
        """The median and the quartiles."""
        if len(self.seconds) < 4:
            return f"{_shown(self.median)} ({len(self.seconds)} ×)"
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return f"{_shown(self.median)} ({_shown(low)} – {_shown(high)})"


def _shown(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def in_turns(repeats: int, *works: Callable[[], float]) -> list[Times]:
    """Each work's own seconds, the works taken in turns: what disturbs the machine disturbs all of them."""
    rounds = [[work() for work in works] for _ in range(repeats)]
    return [Times(seconds) for seconds in zip(*rounds, strict=True)]


class Stopwatch:
    """``with stopwatch: ...``, and ``seconds`` are what it took."""

    seconds = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started


@contextlib.contextmanager
def on_cores(count: int) -> Iterator[None]:
    """This process, and those that it starts meanwhile, on so many cores."""
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Used:
    """By a whole command with all that it started. ``peak_mib``: resident memory of its first process."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def command(*arguments: str | os.PathLike[str]) -> Used:
    """Run one to its end. Raises ``RuntimeError`` with what it said if it failed."""
    asked = [PYTHON, "-P", str(RUNNER), "command", *(os.fspath(each) for each in arguments)]
    done = subprocess.run(asked, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return Used(**json.loads(done.stdout.splitlines()[-1]))


def grader(*arguments: str | os.PathLike[str]) -> Used:
    """The same of ``python -m grader``."""
    return command(PYTHON, "-m", "grader", *arguments)


class Runner:
    """A long-lived process that does one kind of work (see ``runner``) and says what it took."""

    def __init__(self, kind: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            [PYTHON, "-P", str(RUNNER), kind],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._errors.close()

    def __call__(self, work: Any) -> dict[str, float]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(work) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self._errors.seek(0)
            raise RuntimeError(self._errors.read().decode()[-2000:])
        taken: dict[str, float] = json.loads(answer)
        return taken


def _environment() -> dict[str, str]:
    own = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    own["PYTHONDONTWRITEBYTECODE"] = ""  # from the second run on, nobody compiles our files again
    return {**os.environ, **own}


def machine() -> list[str]:
    """What the numbers were measured on, and with."""
    cpu = platform.machine()
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return [
        f"{cpu}, {os.cpu_count()} cores; {platform.system()} {platform.release()}; Python {platform.python_version()}",
        ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]
