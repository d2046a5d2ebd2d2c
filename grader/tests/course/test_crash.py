"""SIGKILL to the whole grader at random moments of a batch: nothing is lost, nothing counts twice, nothing stays."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.tests.refresh import ROOT
from grader.tests.support.batch import class_of, command

STUDENTS, KILLS, SEED = 100, 20, 1912
SHOWN = re.compile(r"^(\S+): (pass|fail|[a-z ]+)$", re.M)


def kill_at(rng: random.Random, words: list[str], env: dict[str, str], log: Path) -> str:
    """Start the grader and kill it: while it starts, or a moment after some submissions were shown. Returns what it
    had shown by then."""
    lines = rng.randrange(6)
    wait_s = rng.uniform(0.0, 0.05) if lines else rng.uniform(0.0, 2.0)
    whole_group = rng.random() < 0.5
    with log.open("w") as stderr:  # a pipe would stay open as long as any process lives on
        grading = subprocess.Popen(
            words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True
        )
    while grading.poll() is None and len(SHOWN.findall(log.read_text())) < lines:
        time.sleep(0.002)
    time.sleep(wait_s)
    (os.killpg if whole_group else os.kill)(grading.pid, signal.SIGKILL)
    assert grading.wait(20) == -signal.SIGKILL, log.read_text()
    return log.read_text()


def verdicts(out: Path) -> dict[str, Any]:
    """By student: what counts, without what no two runs share."""
    counted = grader.load(out).counted
    seen = {
        kept.student: (kept.grade.status, kept.grade.feedback, kept.grade.findings, repr(kept.grade.points))
        for kept in counted
    }
    assert len(seen) == len(counted)
    return seen


def left_over(folder: Path) -> list[str]:
    """Processes whose command or environment names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words, environment = ((process / name).read_bytes() for name in ("cmdline", "environ"))
        except OSError:
            continue
        if os.fsencode(folder) in words + environment and int(process.name) != os.getpid():
            found.append(words.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found


@pytest.mark.slow
def test_a_grader_killed_twenty_times_gives_the_verdicts_of_one_left_alone(tmp_path: Path) -> None:
    folder, out, alone, scratch = (tmp_path / name for name in ("class", "out", "alone", "scratch"))
    class_of(folder, STUDENTS)
    scratch.mkdir()
    env = {**os.environ, "TMPDIR": str(scratch)}  # names every process of this test
    subprocess.run(command(folder, alone, 2), cwd=ROOT, env=env, capture_output=True, check=True)
    print("seed", SEED)  # of the moments
    rng = random.Random(SEED)
    log = tmp_path / "log"
    said = "".join(kill_at(rng, command(folder, out, 1 + kill % 2), env, log) for kill in range(KILLS))
    last = subprocess.run(command(folder, out, 2), cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    kept = grader.load(out)
    assert len(kept.gradings) == len(kept.counted) == STUDENTS
    assert verdicts(out) == verdicts(alone)
    shown = SHOWN.findall(said)
    assert len(shown) >= 2 * KILLS
    graded = {one.grade.submission: one.grade.verdict for one in kept.gradings}
    assert [graded[name] for name, _ in shown] == [verdict for _, verdict in shown], "it was in the book when shown"
    assert len({name for name, _ in shown}) == len(shown)
    assert f"of {STUDENTS} were graded before" in last.stderr
    for _ in range(100):
        if not left_over(scratch):
            return
        time.sleep(0.1)
    pytest.fail("\n".join(left_over(scratch)))
