"""The gradebook: what is kept, what is skipped, what counts, and that nothing stops the batch."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest

import grader
from grader import Grade, Settings
from grader.cli import main
from grader.course.conditions import Conditions
from grader.course.gradebook import FILE, Gradebook
from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.report import terminal
from grader.result import Finding, Grading, Outcome, Point, Status
from grader.submissions.collect import Item
from grader.submissions.task import Task
from grader.submissions.upload import Upload
from grader.tests.refresh import HANDOUT, ROOT, SUBMISSIONS, TASK
from grader.tests.support.batch import children, class_of, command, within

FAST = ["--execute", "none", "--no-figures"]
PASSED = Grade("x", Status.GRADED, "correct", "Fine.", (Finding("R1", "construction", Outcome.PASSED),))
FAILED = replace(PASSED, diagnosis="no scale", findings=(Finding("R7", "scale", Outcome.FAILED),))
ERROR = Grade("x", Status.GRADER_ERROR, "grader error", "No process.")
SCRIPT = f"import numpy as np\n\n\n{known.REFERENCE}"


@pytest.fixture
def under(task: Task) -> Conditions:
    return Conditions.of(Settings(), task)


@pytest.fixture
def book(tmp_path: Path, under: Conditions) -> Iterator[Gradebook]:
    with Gradebook(tmp_path, under) as opened:
        yield opened


def handed_in(student: str, attempt: int = 1) -> Item:
    return Item(Path("x"), "x", student, attempt)


def at(path: Path) -> Item:
    return Item(path, path.stem)


def grade(*words: object) -> int:
    return main(["grade", *map(str, words), *FAST])


# --- what is kept -------------------------------------------------------------------------------------------------


def test_a_grading_comes_back_as_it_was_given(tmp_path: Path, book: Gradebook) -> None:
    measured = Point(0.3, "normal", 8000, 1.0, 1.0, 1.0, 0.004, {"kept": 0.7, "scale": math.nan})
    given = replace(
        FAILED, points=(measured,), curve=(measured,) * 2, seed=2**128 - 1, output="\0\n\x1b", peak_mib=30.5
    )
    kept = book.keep(handed_in("Ann"), "abc", given)
    assert kept
    assert json.dumps(kept.grade.to_dict()) == json.dumps(given.to_dict())
    assert (kept.student, kept.attempt, kept.content, kept.counted) == ("Ann", 1, "abc", True)
    assert kept.settings["rates"] == [0.3, 0.5, 0.7]
    assert set(kept.versions) == {"grader", "numpy", "python"}
    assert repr(grader.load(tmp_path).gradings) == repr((kept,))


def test_a_name_that_is_no_text_is_kept_all_the_same(book: Gradebook) -> None:
    item = Item(Path("x"), "caf\udce9", "caf\udce9")
    kept = book.keep(item, "abc", replace(PASSED, submission=item.name, feedback="\udce9"))
    assert kept
    assert (kept.student, kept.grade.feedback) == ("caf?", "?")
    assert book.graded(item, "abc")


def test_who_has_a_new_name_and_the_same_number_is_the_same_student(tmp_path: Path, book: Gradebook) -> None:
    ann, bo, other = (
        Item(Path("x"), "x", student, 1, last=True, student_id=number)
        for student, number in (("Ann Lee", "Canvas 7"), ("Bo", "Canvas 8"), ("Cy", "Canvas 7"))
    )
    for item in (ann, bo):
        book.keep(item, "abc", FAILED)
    book.follow([ann, bo, other])  # two at once who share a number are two
    assert book.besides([bo]) == ("Ann Lee",)
    married = replace(ann, student="Ann Poe", name="y")
    book.follow([married, bo])
    assert book.besides([married, bo]) == ()
    book.keep(married, "abd", PASSED)
    counted = grader.load(tmp_path).counted
    assert {one.student: one.grade.passed for one in counted} == {"Ann Poe": True, "Bo": False}


def test_who_is_not_handed_in_any_more_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ann", "bo"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "dropout.py").write_text(SCRIPT)
    assert grade(tmp_path / "in", "--out", tmp_path / "out") == 0
    assert "earlier runs" not in capsys.readouterr().out
    shutil.rmtree(tmp_path / "in" / "bo")
    assert grade(tmp_path / "in", "--out", tmp_path / "out", "--layout", "folders") == 0
    assert "From earlier runs, and not handed in this time: bo." in capsys.readouterr().out


def test_a_student_keeps_the_last_attempt_and_its_last_grading(tmp_path: Path, book: Gradebook) -> None:
    for student, attempt, verdict in (("Ann", 2, FAILED), ("Ann", 1, PASSED), ("Bob", 1, PASSED), ("Bob", 1, FAILED)):
        book.keep(handed_in(student, attempt), "abc", verdict, anew=True)
    report = grader.load(tmp_path)
    assert [(one.student, one.attempt, one.grade.diagnosis) for one in report.counted] == [
        ("Ann", 2, "no scale"),
        ("Bob", 1, "no scale"),
    ]
    assert report.count_line == "0 of 2 correct · 2 no scale"
    assert len(report.rows()) == 4
    assert {type(value) for row in report.rows() for value in row.values()} <= {str, int, float, bool, type(None)}


def test_a_failure_of_the_grader_takes_no_verdict_away(tmp_path: Path, book: Gradebook) -> None:
    for content, verdict in (("old", PASSED), ("old", ERROR)):
        book.keep(handed_in("Ann"), content, verdict, anew=True)
    assert [one.grade for one in grader.load(tmp_path).counted] == [PASSED]
    book.keep(handed_in("Ann"), "new", ERROR)
    assert [one.grade for one in grader.load(tmp_path).counted] == [ERROR], "nothing is known of the new content"


def test_what_was_not_handed_in_again_does_not_outrank_what_was(tmp_path: Path, book: Gradebook) -> None:
    for attempt in (1, 2):
        book.keep(replace(handed_in("Ann", attempt), last=attempt == 2), f"old {attempt}", FAILED)
    only = replace(handed_in("Ann"), last=True)
    kept = book.keep(only, "new", PASSED)
    assert kept and kept.counted
    assert [(one.attempt, one.content) for one in grader.load(tmp_path).counted] == [(1, "new")]
    kept = book.keep(only, "new", ERROR, anew=True)
    assert kept and (kept.grade, kept.counted) == (ERROR, False)
    assert [one.grade for one in grader.load(tmp_path).counted] == [PASSED]
    again = replace(handed_in("Ann", 2), last=True)
    assert book.graded(again, "old 2")
    book.found([handed_in("Ann"), again])
    assert [(one.attempt, one.content) for one in grader.load(tmp_path).counted] == [(2, "old 2")]
    kept = book.keep(handed_in("Ann"), "newer", PASSED)
    assert kept and not kept.counted, "its last attempt is still to be graded"
    assert [(one.attempt, one.content) for one in grader.load(tmp_path).counted] == [(2, "old 2")]


def test_what_is_graded_already(tmp_path: Path, book: Gradebook, under: Conditions, task: Task) -> None:
    item = handed_in("Ann")
    assert not book.graded(item, "abc")
    book.keep(item, "abc", ERROR)
    assert not book.graded(item, "abc"), "the grader's failure is tried again"
    book.keep(item, "abc", PASSED)
    assert book.graded(item, "abc")
    assert not book.graded(item, "changed")
    assert not book.graded(handed_in("Ann", 2), "abc")
    newer = replace(under, versions={**under.versions, "grader": "9"})
    for other, same in (
        (newer, False),
        (Conditions.of(Settings(options={"tolerance": 0.05}), task), False),
        (Conditions.of(Settings(seed=4), task), False),
        (Conditions.of(Settings(jobs=2), task), True),
    ):
        with Gradebook(tmp_path, other) as later:
            assert bool(later.graded(item, "abc")) is same
    book.keep(item, "changed", FAILED)
    assert not book.graded(item, "abc"), "what came back is not what stands"


def test_of_two_graders_the_first_is_right(tmp_path: Path, book: Gradebook, under: Conditions) -> None:
    with Gradebook(tmp_path, under) as other:
        other.keep(handed_in("Ann"), "abc", PASSED)
        assert book.keep(handed_in("Ann"), "abc", FAILED) is None
        kept = book.last(handed_in("Ann"))
        assert kept and kept.grade == PASSED
    assert len(grader.load(tmp_path).gradings) == 1


def fingerprint(path: Path) -> str:
    return Upload.read(path, HANDOUT).digest


def test_what_was_handed_in_has_a_digest(tmp_path: Path) -> None:
    one, two = tmp_path / "dropout.py", tmp_path / "explanation.md"
    one.write_text("x = 1")
    alone = fingerprint(one)
    assert alone == subprocess.run(["sha256sum", one], capture_output=True, text=True, check=True).stdout.split()[0]
    two.write_text("because")
    together = fingerprint(one)
    listed = subprocess.run(
        "sha256sum * | sha256sum", cwd=tmp_path, shell=True, capture_output=True, text=True, check=True
    )
    assert fingerprint(tmp_path) == together == listed.stdout.split()[0] != alone
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "loop.ipynb").symlink_to("loop.ipynb")
    strange = {fingerprint(tmp_path / name) for name in ("pipe.ipynb", "loop.ipynb", "missing.ipynb")}
    assert len(strange) == 1
    with (tmp_path / "large.ipynb").open("wb") as large:
        large.truncate(1 << 40)
    assert fingerprint(tmp_path / "large.ipynb") not in strange


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be read as one" * 30, "version 1", "version 7", "tables"]
)
def test_a_file_that_is_no_gradebook_is_left_alone(
    tmp_path: Path, content: bytes | str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / FILE
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE grading (x)" if content != "tables" else "CREATE TABLE recipes (x)")
            other.execute(f"PRAGMA user_version = {content.split()[-1] if content != 'tables' else 0}")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"name another folder, or .*nothing was changed"):
        grader.load(tmp_path)
    assert grade(SUBMISSIONS / "02_sqrt.ipynb", "--out", tmp_path) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.read_bytes() == before


DAMAGE = {
    "a status that is none": "UPDATE grading SET status = 'new'",
    "cut short": "UPDATE grading SET findings = '[{'",
    "of another shape": """UPDATE grading SET findings = '[{"rule": "R1"}]'""",
    "no list": "UPDATE grading SET points = '7'",
    "no number": "UPDATE grading SET seed = 'x'",
    "a column less": "ALTER TABLE grading DROP COLUMN peak_mib",
    "a name that leads out": "UPDATE grading SET submission = '../../escaped/x'",
    "a name from the root": "UPDATE grading SET submission = '/tmp/escaped'",
    "a name with NUL": "UPDATE grading SET submission = 'a' || char(0) || 'b'",
    "a name without end": "UPDATE grading SET submission = replace(hex(zeroblob(3000)), '0', 'x')",
    "what a terminal acts on": "UPDATE grading SET diagnosis = char(27) || '[31mX'",
    "deep JSON": "UPDATE grading SET findings = replace(hex(zeroblob(20000)), '0', '[')",
    "nothing in a list": "UPDATE grading SET findings = '[null]'",
    "a list for a table": "UPDATE grading SET settings = '[]'",
    "a tolerance of words": """UPDATE grading SET settings = '{"tolerance": "<b>"}'""",
    "a tolerance that is no number": """UPDATE grading SET settings = '{"tolerance": NaN}'""",
    "an infinite tolerance": """UPDATE grading SET settings = '{"tolerance": 1e999}'""",
    "a time that is none": "UPDATE grading SET at = 5",
    "bytes for a name": "UPDATE grading SET submission = x'00ff'",
    "an attempt of bytes": "UPDATE grading SET attempt = x'00ff'",
    "an exercise that is none": "UPDATE grading SET exercise = 'no_such'",
    "an output without end": "UPDATE grading SET output = hex(zeroblob(700000))",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_a_damaged_row_is_one_line_that_names_it(
    damage: str, tmp_path: Path, book: Gradebook, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = SUBMISSIONS / "02_sqrt.ipynb"
    book.keep(Item(sample, "02_sqrt", "02_sqrt"), fingerprint(sample), replace(PASSED, seed=1))
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute(damage)
        database.commit()
    for words in (["grade", str(sample), "--out", str(tmp_path), *FAST], ["report", str(tmp_path)]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"grader: {tmp_path / FILE} is damaged: row 1 of its table grading ")
        assert said.count("\n") == 1
        assert said.replace("\n", "").isprintable()


ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
HOSTILE = {
    "a view without end": f"""ALTER TABLE grading RENAME TO hidden;
        CREATE VIEW grading AS {ENDLESS} SELECT hidden.* FROM r, hidden""",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON grading BEGIN UPDATE grading SET passed = 1; END",
    "a value without end": "UPDATE grading SET output = hex(zeroblob(6000000))",
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_gradebook_is_one_line(
    made: str, tmp_path: Path, book: Gradebook, capsys: pytest.CaptureFixture[str]
) -> None:
    book.keep(at(SUBMISSIONS / "02_sqrt.ipynb"), "c" * 64, replace(PASSED, seed=1))
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript(made)
    for words in (["report", str(tmp_path)], ["export", str(tmp_path), "--format", "jsonl"]):
        assert main(words) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_gradebook_that_is_a_pipe_or_a_link_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / FILE)
    assert grade(SUBMISSIONS / "02_sqrt.ipynb", "--out", tmp_path) == 2
    assert "is not a regular file" in capsys.readouterr().err
    (tmp_path / FILE).unlink()
    (tmp_path / "other").touch()
    (tmp_path / FILE).symlink_to(tmp_path / "other")
    assert grade(SUBMISSIONS / "02_sqrt.ipynb", "--out", tmp_path) == 2
    assert (tmp_path / "other").read_bytes() == b""


@pytest.mark.parametrize("name", ["feedback", "submissions"])
def test_pages_are_not_written_where_a_link_leads_out(
    name: str, tmp_path: Path, book: Gradebook, capsys: pytest.CaptureFixture[str]
) -> None:
    book.keep(at(SUBMISSIONS / "02_sqrt.ipynb"), "c" * 64, replace(PASSED, seed=1))
    victim = tmp_path.with_name(f"{tmp_path.name}-victim")
    victim.mkdir()
    (tmp_path / name).symlink_to(victim)
    assert main(["report", str(tmp_path)]) == 3
    assert "leads out of" in capsys.readouterr().err
    assert not list(victim.iterdir())


def test_without_a_gradebook_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"python -m grader grade SUBMISSIONS --out .* makes it"):
        grader.load(tmp_path)
    (tmp_path / FILE).touch()  # a grader that was killed at once
    assert grader.load(tmp_path).gradings == ()


# --- a rerun ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rerun_grades_what_has_changed_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    one, two = class_of(folder, 2)
    call = ["grade", str(folder), "--out", str(out), "--execute", "none"]
    assert main(call) == 0
    figures = {path: path.read_bytes() for path in (out / "figures").iterdir()}
    first, second = sorted(figures)
    drawn = first.stat().st_mtime_ns
    second.unlink()  # as if killed between the grading and its figure
    capsys.readouterr()
    assert main(call) == 0
    said = capsys.readouterr()
    taken, before = said.err.splitlines()
    assert taken == "Taken as one folder for each student (--layout overrules it)"
    assert before == "2 of 2 were graded before (same content, settings and version); grading 0"
    assert "1 of 2 correct" in said.out
    assert first.stat().st_mtime_ns == drawn
    assert second.read_bytes() == figures[second]
    (two / "dropout.py").write_text(SCRIPT)
    assert main(call) == 0
    assert "1 of 2 were graded before" in capsys.readouterr().err
    assert len(grader.load(out).gradings) == 3
    assert main([*call, "--tolerance", "0.05"]) == 0
    assert main([*call, "--tolerance", "0.05", "--regrade"]) == 0
    assert "graded before" not in capsys.readouterr().err
    report = grader.load(out)
    assert (len(report.gradings), report.count_line) == (7, "2 of 2 correct")
    assert one.exists()


def test_what_the_latest_run_found_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None of these is run: the task as it went out, and what is no notebook."""
    contents = {"untouched": TASK.read_bytes(), "empty": b"", "list": b"[]"}
    for run in (["list", "empty"], ["untouched"], ["list", "empty"], ["list"], ["list"]):
        folder = tmp_path / "in" / "Ann"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for at_s, name in enumerate(run):
            (folder / f"{name}.ipynb").write_bytes(contents[name])
            os.utime(folder / f"{name}.ipynb", (at_s, at_s))
        assert grade(tmp_path / "in", "--out", tmp_path / "out", "--quiet") == 0
        (counted,) = grader.load(tmp_path / "out").counted
        assert counted.path == str(folder / f"{run[-1]}.ipynb")
        assert capsys.readouterr().out.startswith("0 of 1 correct")
    assert len(grader.load(tmp_path / "out").gradings) == 4


def test_a_companion_that_leads_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "dropout.py").write_text("x = 1")
    alone = fingerprint(tmp_path / "dropout.py")
    (tmp_path / "explanation.md").symlink_to("/proc/kmsg")  # reading it waits for ever
    with_link = fingerprint(tmp_path / "dropout.py")
    assert with_link != alone, "another verdict, so another digest"
    assert Upload(Path("/proc/kmsg"), problem="a link").digest not in (alone, with_link)


@pytest.mark.slow
def test_two_graders_at_once_grade_everyone_once(tmp_path: Path) -> None:
    class_of(tmp_path / "in", 20)
    words = command(tmp_path / "in", tmp_path / "out", 1)
    graders = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    printed = [one.communicate(timeout=100)[0] for one in graders]
    assert [one.returncode for one in graders] == [0, 0]
    report = grader.load(tmp_path / "out")
    assert len(report.gradings) == len(report.counted) == 20
    assert report.count_line.encode() in printed[0] and report.count_line.encode() in printed[1]
    with closing(sqlite3.connect(tmp_path / "out" / FILE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# --- nothing stops the batch --------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which can really be full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root may mount a disk that can be full -> run as root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a disk that can be full -> run as root")
def test_on_a_full_disk_the_results_so_far_are_kept(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class_of(tmp_path / "in", 60)
    call = ["grade", str(tmp_path / "in"), "--out", str(small_disk), *FAST]
    assert main(call) == 3
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("grader: ")
    assert "cannot be written" in error
    assert "kept" in error
    assert "it goes on from there" in error
    kept = len(grader.load(small_disk).gradings)
    assert 5 < kept < 60
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    assert main(call) == 0
    assert f"{kept} of 60 were graded before" in capsys.readouterr().err
    assert len(grader.load(small_disk).counted) == 60
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert main([*call, "--regrade"]) == 2
    error = capsys.readouterr().err
    assert "readonly" in error
    assert error.count("\n") == 1
    assert len(grader.load(small_disk).counted) == 60, "what cannot be written to can still be read"


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_killed_worker_box_or_fork_server_costs_nobody_a_verdict(tmp_path: Path) -> None:
    class_of(tmp_path / "in", 40)
    words = command(tmp_path / "in", tmp_path / "out", 2)
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as grading:
        assert grading.stderr is not None
        for kill in ("fork server", "box", "worker"):
            for _ in range(5):
                grading.stderr.readline()
            worker, box, server = next(filter(None, map(running_box, repeat(grading.pid))))
            os.kill({"worker": worker, "box": box, "fork server": server}[kill], signal.SIGKILL)
        _, error = grading.communicate(timeout=100)
    assert grading.returncode == 0, error
    report = grader.load(tmp_path / "out")
    assert len(report.counted) == len(report.gradings) == 40
    assert not [one for one in report.counted if one.grade.status in (Status.GRADER_ERROR, Status.KILLED)]


def running_box(grading: int) -> tuple[int, int, int] | None:
    """One of the workers, its box and its fork server: one that has been killed is made anew in a moment."""
    with suppress(OSError):
        for worker in (pid for pid in children(grading) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()):
            box, *more = within(worker)[1:] or [0]
            # the first that is no bubblewrap: its children run answers, and to kill one would be a verdict on it
            for server in (pid for pid in more if Path(f"/proc/{pid}/comm").read_text() != "bwrap\n"):
                return worker, box, server
    return None


@pytest.mark.slow
def test_memory_does_not_grow_with_the_batch(tmp_path: Path) -> None:
    """Each of the 300 Grades holds 190 kB of source: kept in memory, they would be 57 MB."""
    for number in range(300):
        place = tmp_path / "in" / f"s{number:03}"
        place.mkdir(parents=True)
        (place / "dropout.py").write_text(f"1 / 0  # {number}{'x' * 190_000}\n")
    words = [*command(tmp_path / "in", tmp_path / "out", 1), "--json-lines", "--quiet"]
    resident = {}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as grading:
        assert grading.stdout is not None
        for number, line in enumerate(grading.stdout, 1):
            assert json.loads(line)["status"] == "raised"
            if number in (50, 300):
                status = Path(f"/proc/{grading.pid}/status").read_text()
                resident[number] = int(status.partition("VmRSS:")[2].split()[0]) >> 10  # MiB
    assert grading.returncode == 0
    assert resident[300] - resident[50] < 20, resident


# --- watching -----------------------------------------------------------------------------------------------------


def test_a_script_reads_one_object_a_line_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = [SUBMISSIONS / f"{name}.ipynb" for name in ("02_sqrt", "09_one_coin")]
    for before in (False, True):
        assert grade(*samples, "--out", tmp_path, "--json-lines", "--quiet") == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(row["submission"], row["passed"], row["graded_before"]) for row in rows] == [
            ("02_sqrt", True, before),
            ("09_one_coin", False, before),
        ]
    assert not (tmp_path / "figures").exists()


@pytest.mark.slow
def test_of_two_graders_at_once_each_tells_of_everyone(tmp_path: Path) -> None:
    class_of(tmp_path / "in", 20)
    words = [*command(tmp_path / "in", tmp_path / "out", 1), "--json-lines", "--quiet"]
    graders = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [[json.loads(line) for line in one.communicate(timeout=100)[0].splitlines()] for one in graders]
    assert [one.returncode for one in graders] == [0, 0]
    assert [len({row["student"] for row in rows}) for rows in told] == [len(rows) for rows in told] == [20, 20]
    assert sum(not row["graded_before"] for rows in told for row in rows) == 20


def test_quiet_is_the_count_line_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(SUBMISSIONS / "02_sqrt.ipynb", "--out", tmp_path, "--quiet") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("1 of 1 correct\n", "")


def test_the_pace_tells_the_verdicts_the_rate_and_the_time_left() -> None:
    pace = terminal.Pace(3000)
    pace.verdicts.update(["fail"] * 20 + ["pass"] * 80)
    assert pace.line(10.0) == "100 of 3000 graded: 80 pass, 20 fail · 10.0/s · 4:50 left"
    assert pace.line(400.0) == "100 of 3000 graded: 80 pass, 20 fail · 15.0/min · 3:13:20 left"


def test_of_a_large_class_the_table_shows_who_wants_a_look(capsys: pytest.CaptureFixture[str]) -> None:
    broken = Grade("x", Status.BAD_NOTEBOOK, "bad notebook", "Nothing was graded: it is cut off. " * 20)
    terminal._print_table([Grading(1, "a", 1, PASSED), Grading(2, "b", 1, broken)], 2)
    *table, note, blank, why = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in table] == ["student", "a", "b"]
    assert note == "worst error: the largest variance error at published p"
    assert not blank
    assert why.startswith("b: Nothing was graded: it is cut off.")
    assert len(why) < 260
    terminal._print_table([Grading(1, "a", 1, PASSED)] * 3000 + [Grading(2, "b", 1, broken)] * 70, 3070)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line] == ["student", *["b"] * 60, "worst", *["b:"] * 60, "10"]
    assert lines[-1] == "10 more without a verdict, and every submission: see results.csv"


def test_the_table_names_the_student_then_verdict_and_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = replace(PASSED, findings=(), diagnosis="one coin for the whole array")
    terminal._print_table([Grading(1, "Ann Lee", 2, wrong, late=True), Grading(2, "Bo", 1, PASSED)], 2)
    head, ann, bo, _ = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "student"
    assert ann.startswith("Ann Lee, attempt 2  fail, late  one coin for the whole array")
    assert bo.split()[:2] == ["Bo", "pass"]


def test_at_80_columns_nothing_that_matters_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(terminal, "_draws_on", lambda stream: True)
    student, mistake = "van der Berg-Šimić, Mary Ann Josephine", "dimension of the input decides what is dropped"
    wrong = replace(PASSED, findings=(), diagnosis=mistake, execution="raised ZeroDivisionError in cell 14")
    terminal._print_table([Grading(1, student, 12, wrong, late=True)], 1)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    for text in (*student.split(), *mistake.split(), "ZeroDivisionError", "fail, late"):
        assert sum(text in line for line in lines), text


def test_at_80_columns_the_bar_keeps_its_length_the_count_and_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"COLUMNS": "80", "TERM": "xterm-256color", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    pace = terminal.Pace(300)
    pace.started -= 3600  # they come back at once, after an hour
    with terminal._bar(pace) as advance:
        for status in Status:
            advance(replace(PASSED, status=status))
    frames = re.sub(r"\x1b\[[0-9;?]*\w", "", capsys.readouterr().err).replace("\r", "\n").splitlines()
    (last,) = [line for line in frames if line][-1:]
    assert re.match(rf"grading [━╸╺]{{20}}   {len(Status)}/300 0\.1/min \d\d:\d\d:\d\d left ", last)
    assert last.rstrip().endswith("…")
    assert len(last) <= 80
