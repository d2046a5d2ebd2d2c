"""A class of small submissions, the command that grades it, and its processes."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES

NOW = "2026-11-24T10:00:00+00:00"
HOSTILE = "</pre><script>document.title='taken'</script><img src=x onerror=alert(1)>\u202e"
SEEDED = "default_rng(np.random.randint(2**31) if rng is None else rng)"


def class_of(folder: Path, students: int) -> list[Path]:
    """One ``dropout.py`` a student: the reference and every known mistake in turn, no two files alike.

    Nothing is drawn from the operating system, so that a grading can be replayed to the last digit.
    """
    answers = [known.REFERENCE, *(source for source, *_ in EXAMPLES.values())]
    for number in range(students):
        place = folder / f"student-{number:03}"
        place.mkdir(parents=True)
        answer = answers[number % len(answers)].replace("default_rng(rng)", SEEDED)
        (place / "dropout.py").write_text(f"# by student {number}\nimport numpy as np\n\n\n{answer}")
    return sorted(folder.iterdir())


def command(folder: Path, out: Path, jobs: int) -> list[str]:
    options = ["--execute", "none", "--no-figures", "--seed", "4", "--jobs", str(jobs)]
    return [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), *options]


def children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in path.read_text().split()]
    return found


def within(pid: int) -> list[int]:
    """A process and all below it, from the outermost inwards."""
    return [pid, *(below for child in children(pid) for below in within(child))]
