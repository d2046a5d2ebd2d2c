"""Ray: the README's recipe, as printed but for the settings, over two workers of one that is started here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from grader import Settings, grade_class, load
from grader.result import Status
from grader.tests.rl.frameworks.scripted import said
from grader.tests.support.batch import class_of
from grader.tests.support.poisoned import POISON

STUDENTS, POISONED = 16, "student-012"
SETTINGS: dict[str, Any] = {"execute": "none", "seed": 4}
CALL = 'grade_class("SUBMISSIONS", "reports", executor=Ray())'


def recipe(**settings: Any) -> str:
    """The package brings the README as its description."""
    section = str(metadata("variance-dropout-grader").json["description"]).partition("\n### More than one machine\n")[2]
    (printed,) = re.findall(r"^```python\n(.*?)^```", section.partition("\n### ")[0], flags=re.S | re.M)
    assert printed.count(CALL) == 1
    asked = CALL.replace("executor", f"Settings(**{settings!r}), figures=False, executor")
    return f"from grader import Settings\n{printed.replace(CALL, asked)}"


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """Yields the environment of those who use it."""
    os.environ.update(HOME=str(folder), RAY_USAGE_STATS_ENABLED="0")
    import ray

    for attempt in range(3):  # Ray gives its own processes half a minute, which on a busy machine is not enough
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
            break
        except Exception:
            ray.shutdown()
            if attempt == 2:
                raise
    try:
        yield {**os.environ, "RAY_ADDRESS": ray.get_runtime_context().gcs_address}
    finally:
        ray.shutdown()


def graded(folder: Path, env: Mapping[str, str], **settings: Any) -> dict[str, Any]:
    script = folder / "recipe.py"
    script.write_text(recipe(**settings), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return verdicts(folder / "reports")


def verdicts(out: Path) -> dict[str, Any]:
    counted = load(out).counted
    assert len(counted) == STUDENTS
    grades = {one.student: one.grade for one in counted}
    return {who: (one.status, one.feedback, one.findings, repr(one.points)) for who, one in grades.items()}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ray-") as name:
        folders = [Path(name, each) for each in ("class", "deadly")]
        for folder in folders:
            class_of(folder / "SUBMISSIONS", STUDENTS)
        grade_class(folders[0] / "SUBMISSIONS", folders[0] / "here", Settings(**SETTINGS, jobs=2), figures=False)
        here = verdicts(folders[0] / "here")
        answer = folders[1] / "SUBMISSIONS" / POISONED / "dropout.py"
        answer.write_text(f"{POISON} = 1\n{answer.read_text()}")
        with cluster(Path(name)) as env:
            assert graded(folders[0], env, **SETTINGS) == here
            said("ray:", len(here), "submissions, the grades of the local pool")
            deadly = graded(folders[1], env, **SETTINGS, exercise="grader.tests.support.poisoned")
        status, feedback, *_ = deadly.pop(POISONED)
        assert (status, "ended under it, twice" in feedback) == (Status.KILLED, True), feedback
        assert deadly == {student: verdict for student, verdict in here.items() if student != POISONED}
        said("ray: one that ends its worker is", status.value, "and nothing else is lost")


if __name__ == "__main__":
    main()
