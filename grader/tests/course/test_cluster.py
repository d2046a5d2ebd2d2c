"""More than one machine: Dask's own scheduler and workers on this one, killed, added, restarted; nothing is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One whose workers are given up at once, and whose scheduler is killed; the last test does that for good."""
    env = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0", "PYTHONPATH": str(ROOT)}
    with Cluster(tmp_path_factory.mktemp("frail"), workers=2, env=env) as started:
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

    def __init__(self, words: list[str], log: Path, **env: str) -> None:
        self.log = log
        with log.open("w") as said:
            self.process = subprocess.Popen(
                words, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=said
            )

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
        notebook = json.loads((SUBMISSIONS / f"{name}.ipynb").read_text())
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        tags = [cell["metadata"].get("tags") for cell in code]
        notebook["cells"] = [code[0], *code[tags.index(["implementation"]) : tags.index(["check"]) + 1]]
        (given / f"{name}.ipynb").write_text(json.dumps(notebook))
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


def test_where_no_worker_is_yet_that_is_said_and_one_that_comes_keeps_its_box_warm_and_closes_it(
    tmp_path: Path,
) -> None:
    class_of(tmp_path / "class", 2)
    with Cluster(tmp_path / "cluster") as cluster:
        first, second = (over(cluster, tmp_path / "class", tmp_path / name) for name in ("one", "two"))
        run = Run(first, tmp_path / "one.log")
        wanted = f"No worker is there yet: dask worker {cluster.address} --nthreads 1, on any machine, starts one"
        until(lambda: wanted in run.said(), run.said)
        nanny = cluster.add_worker()
        run.ends()
        assert len(grader.load(tmp_path / "one").counted) == 2
        worker = cluster.worker_of(nanny)
        boxes = [within(worker)[1:]]
        Run(second, tmp_path / "two.log").ends()
        boxes.append(within(worker)[1:])
        assert boxes[0] == boxes[1] != []
        assert list(cluster.folder.glob("grader-*"))
        nanny.terminate()
        assert nanny.wait(20) == 0
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


# --- what goes wrong with machines --------------------------------------------------------------------------------


def test_a_worker_of_another_version_is_refused_by_name(cluster: Cluster, tmp_path: Path) -> None:
    """First one that comes when the class is under way, then one that is there already."""
    students, other = tmp_path / "students", tmp_path / "other"
    class_of(students, 300)  # enough for the others until it has come
    shutil.copytree(ROOT / "grader", other / "grader", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for name in ("notebooks", "assets"):
        (other / name).symlink_to(ROOT / name)
    with (other / "grader" / "judging" / "demo.py").open("a") as source:
        source.write("# changed\n")
    run = Run(over(cluster, students, tmp_path / "out"), tmp_path / "log")
    run.shows(3)
    worker = cluster.add_worker("--no-nanny", env={"PYTHONPATH": str(other)})
    try:
        assert run.process.wait(60) == 2, run.said()
        said = run.said().splitlines()[-1]
        assert re.match(r"grader: worker tcp://127\.0\.0\.1:\d+ \(process \d+ on \S+\) has grader 0\.2\.0\+\w+", said)
        assert f"and this is grader {grader_version()}: install the same one there" in said
        assert "what was graded is kept" in said
        done = subprocess.run(over(cluster, students, tmp_path / "out"), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        wanted = r"grader: other versions of this package than \S+: worker tcp://127\.0\.0\.1:\d+: 0\.2\.0"
        assert re.match(wanted, line)
    finally:
        worker.kill()
        worker.wait()


def test_a_submission_that_ends_its_worker_each_time_is_killed_and_nothing_else_lost(
    frail: Cluster, students: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    shutil.copytree(students, folder)
    poisoned = folder / "student-012" / "dropout.py"
    poisoned.write_text(f"{POISON} = 1\n{poisoned.read_text()}")
    run = Run(over(frail, folder, out, "--exercise", "grader.tests.support.poisoned"), tmp_path / "log")
    run.ends()
    deaths = sum(log.read_text().count("was killed by signal 9") for log in frail.folder.glob("*.log"))
    found = verdicts(out)
    status, feedback, *_ = found.pop("student-012")
    assert (status, "ended under it, twice" in feedback) == (Status.KILLED, True)
    assert deaths == 2, "one retry"
    expected = {student: verdict for student, verdict in alone.items() if student != "student-012"}
    assert found == expected


def test_a_scheduler_that_is_restarted_loses_nothing(
    frail: Cluster, students: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    """Its workers end with it, and are started again as well, as a service or Kubernetes does."""
    run = Run(over(frail, students, tmp_path / "out"), tmp_path / "log")
    run.shows(3)
    frail.scheduler.kill()
    frail.scheduler.wait()
    frail.start_scheduler()
    for _ in range(2):
        frail.add_worker("--no-nanny")
    run.ends()
    assert verdicts(tmp_path / "out") == alone


def test_a_scheduler_that_does_not_come_back_is_told_in_one_line(
    frail: Cluster, students: Path, tmp_path: Path
) -> None:
    words = over(frail, students, tmp_path / "out")
    run = Run(words, tmp_path / "log", DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="3s")
    run.shows(2)
    frail.scheduler.kill()
    assert run.process.wait(60) == 3, run.said()
    assert run.said().splitlines()[-1] == (
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


def test_dask_is_imported_by_nobody_who_did_not_ask(tmp_path: Path) -> None:
    class_of(tmp_path / "in", 1)
    code = (
        "import sys; from grader import grade_class, RewardPool, Settings; from grader.cli import main; "
        f"main({command(tmp_path / 'in', tmp_path / 'out', 1)[3:]!r}); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('dask', 'distributed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
