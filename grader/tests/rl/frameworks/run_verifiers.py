"""verifiers, offline: its own command, with a scripted model on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader.tests.rl.frameworks.endpoint import endpoint
from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPTS, SEED, said

BROKEN = """
import runpy, sys
from grader.tests.rl.frameworks.scripted import broken_grader
sys.argv = sys.argv[1:]
with broken_grader():
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


def evaluated(model: str, url: str, folder: Path, *, broken: bool = False) -> dict[str, Any]:
    """The trace of one rollout of one task."""
    options = {
        "--model": model,
        "--output-dir": str(folder),
        "--env.agent.harness.id": "null",
        "--env.agent.runtime.type": "subprocess",
        "--env.taskset.level": LEVEL,
        "--env.taskset.first-seed": str(SEED),
        "--env.taskset.seeds": "1",
        "--client.base-url": url,
        "--client.api-key-var": "NO_KEY",
    }
    programs = Path(sys.executable).parent
    command = [str(programs / "vf-eval"), "dropout-v1", "--no-push", "--no-rich"]
    command = [sys.executable, *(("-c", BROKEN) if broken else ()), *command, *(w for o in options.items() for w in o)]
    # Its harness takes the uv that it finds there: two that each bring their own get in each other's way.
    env = {**os.environ, "NO_KEY": "none", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    lines = [line for found in folder.rglob("traces.jsonl") for line in found.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 1, done.stdout[-3000:] + done.stderr[-3000:]
    (trace,) = json.loads(lines[0])["traces"]
    return dict(trace)


def main() -> None:
    with endpoint() as url, tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        asked = {name: pool.submit(evaluated, name, url, Path(folder, name)) for name in SCRIPTS}
        failed = pool.submit(evaluated, "does-nothing", url, Path(folder, "broken"), broken=True)
        for name, (calls, reward) in SCRIPTS.items():
            trace = asked[name].result()
            assert not trace["errors"], trace["errors"][0]["message"]
            said("verifiers:", name, trace["rewards"], trace["info"]["outcome"]["diagnosis"])
            assert trace["rewards"] == {"contract": {"score": reward, "weight": 1.0}}
            assert trace["metrics"]["turns"] == len(calls)
        trace = failed.result()
        said("verifiers: grader broken", trace["rewards"], [error["type"] for error in trace["errors"]])
        assert trace["rewards"] == {}
        assert "the grader itself failed" in trace["errors"][0]["message"]


if __name__ == "__main__":
    main()
