"""More than one machine: Dask's own scheduler and workers on this one, killed, added, restarted; nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import grader
from grader import Settings, grade_class
from grader.bench.local_cluster import until
from grader.course.versions import grader_version
from grader.result import Status
from grader.tests.refresh import ROOT, SUBMISSIONS, TASK
from grader.tests.support.batch import class_of, command, within
from grader.tests.support.cluster import Cluster, runs
from grader.tests.support.poisoned import POISON

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
STUDENTS = 16
SHOWN = re.compile(r"^(\S+): (pass|fail|[a-z ]+)$", re.M)
NO_DEATH_IS_ALLOWED = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    class_of(folder, STUDENTS)
    return folder


@pytest.fixture(scope="module")
def alone(students: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What this machine alone makes of the class."""
    out = tmp_path_factory.mktemp("alone")
    subprocess.run(command(students, out, 2), cwd=ROOT, capture_output=True, check=True)
    return verdicts(out)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster"), workers=2) as started:
        yield started


def verdicts(out: Path) -> dict[str, Any]:
    """By student: what counts, without what no two runs share. Every submission has one grading."""
    report = grader.load(out)
    seen = {
        kept.student: (kept.grade.status, kept.grade.feedback, kept.grade.findings, repr(kept.grade.points))
        for kept in report.counted
    }
    assert len(seen) == len(report.counted) == len(report.gradings)
    return seen


def over(cluster: Cluster, folder: Path, out: Path, *more: str) -> list[str]:
    return [*command(folder, out, 1), "--scheduler", cluster.address, *more]


class Run:
    """The command under way."""

    def __init__(self, words: list[str], log: Path) -> None:
        self.log = log
        with log.open("w") as said:
            self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)

    def said(self) -> str:
        return self.log.read_text()

    def shows(self, count: int) -> None:
        until(lambda: len(SHOWN.findall(self.said())) >= count, self.said)

    def ends(self) -> None:
        assert self.process.wait(100) == 0, self.said()


# --- a class ------------------------------------------------------------------------------------------------------


def test_executed_notebooks_come_back_as_values_and_only_this_machine_writes(cluster: Cluster, tmp_path: Path) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    wanted = {"02_sqrt": "correct", "08_mask_reversed": "mask reversed"}
    for name in wanted:
        shutil.copy(SUBMISSIONS / f"{name}.ipynb", given)
    words = [sys.executable, "-m", "grader", "grade", str(given), "--out", str(out), "--scheduler", cluster.address]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counted = {one.student: one for one in grader.load(out).counted}
    assert {student: one.grade.diagnosis for student, one in counted.items()} == wanted
    assert {one.grade.execution for one in counted.values()} == {"ran"}
    assert {one.versions["grader"] for one in counted.values()} == {grader_version()}
    for kind in ("executed/*.ipynb", "figures/*.svg", "submissions/*.html"):
        assert {path.stem for path in out.glob(kind)} == wanted.keys(), kind
    assert not list(cluster.folder.rglob("*.ipynb")), "nothing is written by a worker"


def test_a_worker_killed_in_mid_batch_and_one_added_cost_nobody_a_verdict(
    cluster: Cluster, students: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    run = Run(over(cluster, students, tmp_path / "out"), tmp_path / "log")
    run.shows(3)
    os.kill(cluster.worker_of(cluster.nannies[0]), signal.SIGKILL)
    cluster.add_worker()
    run.ends()
    assert verdicts(tmp_path / "out") == alone


def test_a_coordinator_killed_and_started_again_goes_on(
    cluster: Cluster, students: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    run = Run(over(cluster, students, tmp_path / "out"), tmp_path / "log")
    run.shows(3)
    run.process.kill()
    run.process.wait()
    shown = dict(SHOWN.findall(run.said()))
    kept = {one.grade.submission: one.grade.verdict for one in grader.load(tmp_path / "out").gradings}
    assert shown.items() <= kept.items(), "what was shown is kept"
    again = Run(over(cluster, students, tmp_path / "out"), tmp_path / "again")
    again.ends()
    assert f"{len(kept)} of {STUDENTS} were graded before" in again.said()
    assert verdicts(tmp_path / "out") == alone


def test_ctrl_c_ends_it_as_on_one_machine(cluster: Cluster, students: Path, tmp_path: Path) -> None:
    run = Run(over(cluster, students, tmp_path / "out"), tmp_path / "log")
    run.shows(3)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 130
    said = run.said().splitlines()[-1]
    assert re.match(rf"Interrupted: \d+ of {STUDENTS} were not graded; the same command goes on from there", said), said


def test_a_worker_keeps_one_box_warm_and_closes_it(tmp_path: Path) -> None:
    class_of(tmp_path / "class", 2)
    with Cluster(tmp_path / "cluster", workers=1) as cluster:
        worker = cluster.worker_of(cluster.nannies[0])
        boxes = []
        for name in ("one", "two"):
            Run(over(cluster, tmp_path / "class", tmp_path / name), tmp_path / f"{name}.log").ends()
            boxes.append(within(worker)[1:])
        assert boxes[0] == boxes[1] != []
        assert list(cluster.folder.glob("grader-*"))
        cluster.nannies[0].terminate()
        assert cluster.nannies[0].wait(20) == 0
        until(lambda: not any(map(runs, boxes[0])), cluster.said, within_s=5.0)
        assert not list(cluster.folder.glob("grader-*")), "its folders are gone with it"


def test_from_python_with_an_executor_of_dasks(
    cluster: Cluster, tmp_path: Path, alone: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And with a task notebook that no worker finds: they are in another folder."""
    from distributed import Client

    monkeypatch.chdir(tmp_path)
    shutil.copy(TASK, "own.ipynb")
    class_of(tmp_path / "in", 6)
    settings = Settings(execute="none", seed=4, task=Path("own.ipynb"))
    with Client(cluster.address, set_as_default=False) as client:
        report = grade_class("in", "out", settings, figures=False, executor=client.get_executor())
    assert len(report.counted) == 6
    assert all(verdict == alone[student] for student, verdict in verdicts(tmp_path / "out").items())


def test_where_no_worker_is_yet_that_is_said_and_it_waits(tmp_path: Path) -> None:
    class_of(tmp_path / "class", 2)
    with Cluster(tmp_path / "cluster") as cluster:
        run = Run(over(cluster, tmp_path / "class", tmp_path / "out"), tmp_path / "log")
        wanted = f"No worker is there yet: dask worker {cluster.address} --nthreads 1, on any machine, starts one"
        until(lambda: wanted in run.said(), run.said)
        cluster.add_worker()
        run.ends()
    assert len(grader.load(tmp_path / "out").counted) == 2


# --- what goes wrong with machines --------------------------------------------------------------------------------


def test_a_scheduler_that_is_restarted_loses_nothing(students: Path, alone: dict[str, Any], tmp_path: Path) -> None:
    """Its workers end with it, and are started again as well, as a service or Kubernetes does."""
    with Cluster(tmp_path / "cluster", workers=2) as cluster:
        run = Run(over(cluster, students, tmp_path / "out"), tmp_path / "log")
        run.shows(3)
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        cluster.start_scheduler()
        for _ in range(2):
            cluster.add_worker()
        run.ends()
        assert verdicts(tmp_path / "out") == alone


def test_a_submission_that_ends_its_worker_each_time_is_killed_and_nothing_else_lost(
    students: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    shutil.copytree(students, folder)
    poisoned = folder / "student-012" / "dropout.py"
    poisoned.write_text(f"{POISON} = 1\n{poisoned.read_text()}")
    with Cluster(tmp_path / "cluster", workers=2, env={**NO_DEATH_IS_ALLOWED, "PYTHONPATH": str(ROOT)}) as cluster:
        run = Run(over(cluster, folder, out, "--exercise", "grader.tests.support.poisoned"), tmp_path / "log")
        run.ends()
        deaths = sum(log.read_text().count("was killed by signal 9") for log in cluster.folder.glob("*.log"))
    found = verdicts(out)
    status, feedback, *_ = found.pop("student-012")
    assert (status, "ended under it, twice" in feedback) == (Status.KILLED, True)
    assert deaths == 2, "one retry"
    expected = {student: verdict for student, verdict in alone.items() if student != "student-012"}
    assert found == expected


def test_a_worker_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    """First one that is there already, then one that comes when the class is under way."""
    students, other = tmp_path / "students", tmp_path / "other"
    class_of(students, 300)  # enough for the one worker until the other one has come
    shutil.copytree(ROOT / "grader", other / "grader", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for name in ("notebooks", "assets"):
        (other / name).symlink_to(ROOT / name)
    with (other / "grader" / "judging" / "demo.py").open("a") as source:
        source.write("# changed\n")
    env = {"PYTHONPATH": str(other)}
    with Cluster(tmp_path / "cluster", workers=1) as mixed:
        run = Run(over(mixed, students, tmp_path / "out"), tmp_path / "log")
        run.shows(3)
        mixed.add_worker(env=env)
        assert run.process.wait(60) == 2, run.said()
        said = run.said().splitlines()[-1]
        assert re.match(r"grader: worker tcp://127\.0\.0\.1:\d+ \(process \d+ on \S+\) has grader 0\.2\.0\+\w+", said)
        assert f"and this is grader {grader_version()}: install the same one there" in said
        assert "what was graded is kept" in said
        done = subprocess.run(over(mixed, students, tmp_path / "out"), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert re.match(
            r"grader: other versions of this package than \S+: worker tcp://127\.0\.0\.1:\d+: 0\.2\.0", line
        )


def test_a_scheduler_that_does_not_come_back_is_told_in_one_line(students: Path, tmp_path: Path) -> None:
    with Cluster(tmp_path / "cluster", workers=1, env={}) as cluster:
        words = over(cluster, students, tmp_path / "out")
        quick = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
        log = tmp_path / "log"
        with log.open("w") as said:
            run = subprocess.Popen(words, cwd=ROOT, env=quick, stdout=subprocess.DEVNULL, stderr=said)
        until(lambda: len(SHOWN.findall(log.read_text())) >= 2, log.read_text)
        cluster.scheduler.kill()
        assert run.wait(60) == 3, log.read_text()
    last = log.read_text().splitlines()[-1]
    assert last == (
        "grader: the scheduler has gone and has not come back: what was graded is kept, and the same command goes on "
        "from there"
    )
    assert len(grader.load(tmp_path / "out").gradings) >= 2


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "nobody answers at tcp://127.0.0.1:9 (Connection refused): dask scheduler"),
        ("nowhere", "a scheduler's address is like tcp://host:8786; got nowhere"),
        ("tcp://host:port", "a scheduler's address is like tcp://host:8786; got tcp://host:port"),
    ],
)
def test_a_wrong_address_is_told_at_once(address: str, message: str, tmp_path: Path) -> None:
    words = [*command(SUBMISSIONS, tmp_path / "out", 1), "--scheduler", address]
    started = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"grader: {message}")
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - started < 20


# --- other executors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_any_executor_grades(kind: type[ProcessPoolExecutor | ThreadPoolExecutor], tmp_path: Path) -> None:
    class_of(tmp_path / "in", 4)
    settings = Settings(execute="none", seed=4)
    here = grade_class(tmp_path / "in", tmp_path / "here", settings, figures=False)
    with kind(2) as executor:
        there = grade_class(tmp_path / "in", tmp_path / "there", settings, figures=False, executor=executor)
    assert len(there.counted) == len(here.counted) == 4
    assert verdicts(tmp_path / "there") == verdicts(tmp_path / "here")


def test_dask_is_imported_by_nobody_who_did_not_ask(tmp_path: Path) -> None:
    class_of(tmp_path / "in", 1)
    code = (
        "import sys; from grader import grade_class, RewardPool, Settings; from grader.cli import main; "
        f"main({command(tmp_path / 'in', tmp_path / 'out', 1)[3:]!r}); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('dask', 'distributed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
