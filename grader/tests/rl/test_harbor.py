"""Harbor's folders as they are written; CI runs them by Harbor's own command (``frameworks/run_harbor.py``)."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from grader import GraderError
from grader.cli import main
from grader.rl import harbor
from grader.rl.harbor import export
from grader.rl.instance import instance


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "variance_dropout_grader-1-py3-none-any.whl"
    path.write_bytes(b"a wheel")
    return path


def test_a_folder_holds_the_task_and_the_answer_where_no_agent_looks(tmp_path: Path, wheel: Path) -> None:
    out = tmp_path / "tasks"
    command = ["harbor", str(out), "--levels", "L1,L5", "--seeds", "2:4", "--wheel", str(wheel), "--agent-image", "a:1"]
    assert main(command) == 0
    assert sorted(path.name for path in out.iterdir()) == [f"dropout-l{k}-{s}-0" for k in (1, 5) for s in (2, 3)]
    folder, task = out / "dropout-l5-3-0", instance("L5", 3)
    told = tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))
    assert told["artifacts"] == [f"/app/{name}" for name in task.files]
    assert told["verifier"]["environment_mode"] == "separate"
    assert told["environment"]["docker_image"] == "a:1"
    assert "docker_image" not in told["verifier"]["environment"]
    assert told["metadata"] == {"level": "L5", "seed": 3, "index": 0}
    assert (folder / "instruction.md").read_text(encoding="utf-8").startswith(task.prompt.rstrip())
    for name, text in task.files.items():
        assert (folder / "environment" / name).read_text(encoding="utf-8") == text
        assert (folder / "solution" / "gold" / name).read_text(encoding="utf-8") == task.gold[name]
    assert json.loads((folder / "tests" / "task.json").read_text(encoding="utf-8")) == ["L5", 3, 0]
    assert (folder / "tests" / wheel.name).read_bytes() == b"a wheel"
    gold = task.gold["dropout.py"]
    holders = [path for path in folder.rglob("*") if path.is_file() and gold.encode() in path.read_bytes()]
    assert holders == [folder / "solution" / "gold" / "dropout.py"]
    assert all(os.access(folder / name, os.X_OK) for name in ("tests/test.sh", "solution/solve.sh"))


def test_outside_the_verifiers_image_a_forged_reward_is_removed_and_none_is_given(tmp_path: Path, wheel: Path) -> None:
    """The script as it is, with its absolute paths led into a folder."""
    (folder,) = export(tmp_path / "tasks", ["L1"], [0], wheel)
    logs = tmp_path / "logs" / "verifier"
    logs.mkdir(parents=True)
    for name in ("reward.json", "reward.txt"):
        (logs / name).write_text("1")
    script = (folder / "tests" / "test.sh").read_text(encoding="utf-8")
    led = script.replace("/logs/", f"{tmp_path}/logs/").replace("/opt/verifier", f"{tmp_path}/verifier")
    done = subprocess.run(["bash", "-c", led], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no reward" in done.stderr
    assert not list(logs.iterdir())


def test_nothing_is_written_over_and_a_wheel_has_to_be_had(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export(tmp_path / "tasks", ["L1"], [0], wheel)
    with pytest.raises(GraderError, match="holds dropout-l1-0-0 already"):
        export(tmp_path / "tasks", ["L1"], [0, 1], wheel)
    assert len(list((tmp_path / "tasks").iterdir())) == 1
    monkeypatch.setattr(harbor, "SOURCES", tmp_path)
    assert main(["harbor", str(tmp_path / "others")]) == 2
    assert "--wheel" in capsys.readouterr().err
