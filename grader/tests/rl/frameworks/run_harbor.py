"""Harbor, offline: folders that are written and then run by its own command, in boxes of bubblewrap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader.rl.harbor import export
from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPTS, SEED, said

BOX = "grader.tests.rl.frameworks.harbor_box:BubblewrapBox"
AGENT = "grader.tests.rl.frameworks.harbor_box:Scripted"


def tried(task: Path, agent: str, folder: Path, **environment: str) -> tuple[Any, str]:
    """The reward of a trial (None without one), and the name of its exception."""
    command = [str(Path(sys.executable).with_name("harbor")), "run", "--path", str(task), "--agent", agent]
    command += ["--env", BOX, "--jobs-dir", str(folder / "jobs"), "--yes", "--quiet"]
    variables = {**os.environ, "HARBOR_BOXES": str(folder / "boxes"), "HARBOR_TELEMETRY": "0", **environment}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    results = [json.loads(path.read_text()) for path in folder.rglob("result.json")]
    trials = [result for result in results if "trial_name" in result]
    assert len(trials) == 1, done.stdout[-3000:] + done.stderr[-3000:]
    verified, failed = trials[0]["verifier_result"], trials[0]["exception_info"]
    return (verified or {}).get("rewards", {}).get("reward"), (failed or {}).get("exception_type", "")


def main() -> None:
    wheel = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as home:
        (task,) = export(Path(home, "tasks"), [LEVEL], [SEED], wheel)
        for agent, wanted in (("oracle", 1.0), ("nop", 0.0)):
            reward, failed = tried(task, agent, Path(home, agent))
            said("harbor:", agent, reward, failed)
            assert (reward, failed) == (wanted, "")
        for name, (_, wanted) in SCRIPTS.items():
            reward, failed = tried(task, AGENT, Path(home, name), HARBOR_SCRIPT=name)
            said("harbor:", name, "with a forged reward", reward, failed)
            assert (reward, failed) == (wanted, "")
        reward, failed = tried(task, "oracle", Path(home, "broken"), HARBOR_BROKEN="1")
        said("harbor: grader broken", reward, failed)
        assert reward is None
        assert failed
        settings = task / "task.toml"
        text, _, _ = settings.read_text().partition("[verifier.environment]")  # as a reader that knows one box
        settings.write_text(text.replace('"separate"', '"shared"'))
        reward, failed = tried(task, AGENT, Path(home, "shared"), HARBOR_SCRIPT="cheats")
        said("harbor: in the agent's own box", reward, failed)
        assert reward is None
        assert failed


if __name__ == "__main__":
    main()
