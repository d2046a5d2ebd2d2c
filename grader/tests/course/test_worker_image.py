"""The Dockerfile's steps, one by one in a folder in the place of an image, and the README's commands: a class is graded
by workers that come of them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.bench.local_cluster import until
from grader.tests.refresh import ROOT
from grader.tests.support.batch import class_of
from grader.tests.support.cluster import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
STEP = re.compile(r"^([A-Z]+) (.+)$", re.M)


def build(image: Path) -> list[str]:
    """Do what the Dockerfile says, below a folder; returns the command that the image starts with."""
    start: list[str] = []
    place = image
    for step, words in STEP.findall((ROOT / "assets" / "Dockerfile").read_text(encoding="utf-8")):
        match step:
            case "FROM":
                place.mkdir(parents=True)
            case "WORKDIR":
                place = image / words.removeprefix("/")
                place.mkdir(parents=True)
            case "COPY":
                *sources, target = shlex.split(words)
                copy([ROOT / source for source in sources], place / target, into=target.endswith("/"))
            case "RUN":
                env = {**os.environ, "PIP_NO_COMPILE": "1"}  # a minute less, and nothing else
                run = ["sh", "-c", words]
                done = subprocess.run(run, cwd=place, env=env, capture_output=True, text=True, check=False)
                if "Could not find a version" in done.stderr:
                    pytest.skip("pip cannot reach a registry to take numpy from -> a network")
                assert done.returncode == 0, done.stderr
            case "ENV":  # of the image's size; here pip's cache saves minutes
                assert words == "PIP_NO_CACHE_DIR=1"
            case "ENTRYPOINT":
                program, *more = json.loads(words)
                start = [str(place / program), *more]
            case _:
                raise AssertionError(f"a step that is not known here: {step}")
    return start


def copy(sources: list[Path], target: Path, *, into: bool) -> None:
    """A folder's content, or files."""
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (target if into else target.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def test_a_worker_from_the_dockerfiles_steps_grades(tmp_path: Path) -> None:
    start = build(tmp_path / "image")
    class_of(tmp_path / "class", 2)
    with Cluster(tmp_path / "cluster") as cluster:
        env = {name: value for name, value in cluster.env.items() if name != "PYTHONPATH"}
        with (tmp_path / "worker.log").open("w") as said:
            worker = subprocess.Popen([*start, cluster.address, "--nworkers", "1"], env=env, stdout=said, stderr=said)
        try:
            words = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--execute", "none"]
            words += ["--isolation", "required", "--scheduler", cluster.address]
            done = subprocess.run([sys.executable, "-m", "grader", *words], cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr + (tmp_path / "worker.log").read_text()
        finally:
            worker.terminate()
            worker.wait(20)
    counted = grader.load(tmp_path / "out").counted
    assert len(counted) == 2
    assert {one.grade.isolation for one in counted} == {"full"}


def test_the_readmes_three_commands_grade_a_class(tmp_path: Path) -> None:
    """As printed, but for the folder of the class, the machine's name, a port that is free, and fewer workers."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n### More than one machine\n")[2]
    block = section.partition("```bash\n")[2].partition("```")[0]
    scheduler, worker, grade = (line for line in block.splitlines() if not line.startswith("#"))
    class_of(tmp_path / "class", 2)
    with Cluster(tmp_path / "cluster") as cluster:  # in the place of the first command's scheduler, at a free port
        assert scheduler == ".venv/bin/dask scheduler"
        assert worker.endswith(" --nworkers 8")
        words = shlex.split(worker.removesuffix("8").replace("tcp://HOST:8786", cluster.address) + "1")
        env = {**cluster.env, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        log = tmp_path / "worker.log"
        with log.open("w") as said:
            working = subprocess.Popen([Path(words[0]).name, *words[1:]], env=env, stdout=said, stderr=said)
        try:
            until(lambda: "Registered to" in log.read_text(), log.read_text)
            asked = grade.replace("tcp://HOST:8786", cluster.address).replace("SUBMISSIONS", str(tmp_path / "class"))
            words = shlex.split(asked.replace("--out reports", f"--out {tmp_path / 'out'}"))
            done = subprocess.run([sys.executable, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        finally:
            working.terminate()
            working.wait(20)
    assert len(grader.load(tmp_path / "out").counted) == 2
    assert (tmp_path / "out" / "index.html").exists()
