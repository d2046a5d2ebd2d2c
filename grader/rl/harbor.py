"""Harbor's task folders, which verifiers, OpenEnv, TRL, SkyRL and Inspect read too: ``python -m grader harbor OUT``.

The answer is judged in an image of the verifier's own, which holds this package's wheel and which no agent touches.
Nothing of Harbor is needed to write them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from grader.course.versions import VERSION
from grader.errors import UsageError
from grader.rl.instance import Instance, instance

PARTS = Path(__file__).with_name("plugins") / "harbor"
SOURCES = Path(__file__).parents[2]  # of a clone


def export(
    out: Path,
    levels: Sequence[str],
    seeds: Iterable[int],
    wheel: Path | None = None,
    images: tuple[str | None, str | None] = (None, None),
) -> list[Path]:
    """Write a task folder for each level and seed; returns them.

    ``wheel``: of this package, built from the clone where there is one; ``images``: of the agent and the verifier,
    where they are built already (verifiers builds none). Raises ``UsageError`` rather than write over anything, and
    where there is no wheel to be had.
    """
    tasks = [instance(level, seed) for seed in seeds for level in levels]
    present = [_name(task) for task in tasks if (out / _name(task)).exists()]
    if present:
        raise UsageError(f"{out} holds {', '.join(present[:3])} already; choose another folder, nothing was written")
    out.mkdir(parents=True, exist_ok=True)
    wheel = wheel or _built(out)
    return [_write(task, out / _name(task), wheel, images) for task in tasks]


def _name(task: Instance) -> str:
    return f"dropout-{task.key}".lower().replace(",", "-").replace("=", "")


def _write(task: Instance, folder: Path, wheel: Path, images: tuple[str | None, str | None]) -> Path:
    agent, verifier = (f'docker_image = "{image}"\n' if image else "" for image in images)
    values = {"name": _name(task), "version": VERSION, "level": task.level, "seed": task.seed, "index": task.index}
    paths = json.dumps([f"/app/{name}" for name in task.files])
    values |= {"artifacts": paths, "agent_image": agent, "verifier_image": verifier}
    files = {
        "task.toml": Template(_part("task.toml")).substitute(values),
        "instruction.md": f"{task.prompt.rstrip()}\n\nThe files are in `/app`.\n",
        "environment/Dockerfile": _part("agent.Dockerfile"),
        **{f"environment/{name}": text for name, text in task.files.items()},
        "tests/Dockerfile": _part("verifier.Dockerfile"),
        **{f"tests/{name}": _part(name) for name in ("test.sh", "grade.py")},
        "tests/task.json": json.dumps([task.level, task.seed, task.index]),
        "solution/solve.sh": _part("solve.sh"),
        **{f"solution/gold/{name}": text for name, text in task.gold.items()},
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    shutil.copy(wheel, folder / "tests")
    return folder


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")


def _built(folder: Path) -> Path:
    if not (SOURCES / "pyproject.toml").exists():
        raise UsageError("the verifier's image needs this package's wheel: say where it is with --wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(SOURCES)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(f"the wheel could not be built; give one with --wheel: {done.stderr.strip()[-300:]}")
    return next(folder.glob("variance_dropout_grader-*.whl"))
