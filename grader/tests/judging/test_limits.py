"""A resource's end is named as what it is, and every way out of ``grade_solution`` is a result or a GraderError."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import Grader, GraderError, Settings, grade_solution, setup_task_files
from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.result import Status
from grader.tests.conftest import write
from grader.tests.refresh import tagged

SOLVED = f"import numpy as np\n{known.REFERENCE}"
HOLDS = known.REFERENCE.replace("self.p = p", "self.p = p; self.held = np.ones(1 << 40)")


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(Settings(execute="none", timeout_s=4.0, memory_mib=2048)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("source", "status", "diagnosis", "says"),
    [
        ("x = np.ones(1 << 40)", Status.RAISED, "out of memory", "limit, for all layers together: 2048 MiB"),
        ("x = bytearray(1 << 40)", Status.RAISED, "out of memory", "(line 1 of cell 1)"),
        (HOLDS, Status.RAISED, "out of memory", "ran out of memory"),
        (
            "import threading, time\nfor _ in range(100): threading.Thread(target=time.sleep, args=(60,)).start()",
            Status.RAISED,
            "out of threads",
            "32 threads and processes",
        ),
        ("x = [open('/dev/null') for _ in range(300)]", Status.RAISED, "out of files", "96 open files"),
        ("while True: pass", Status.TIMED_OUT, "too slow", "4 s of processor time, or 16 s of waiting"),
        ("import ctypes; ctypes.string_at(0)", Status.KILLED, "killed", "by a segmentation fault"),
        ("import os; os._exit(3)", Status.KILLED, "killed", "The process ended before the layer had answered."),
    ],
)
@pytest.mark.sandbox
def test_what_ran_out_is_named(grader: Grader, source: str, status: Status, diagnosis: str, says: str) -> None:
    grade = grader.grade_source(source)
    assert (grade.status, grade.diagnosis, grade.reward) == (status, diagnosis, 0.0), grade.feedback
    assert says in grade.feedback


@pytest.mark.slow
def test_a_layer_that_waits_is_not_too_slow(grader: Grader) -> None:
    waits = known.REFERENCE.replace("self.training = True", "self.training = True; __import__('time').sleep(0.01)")
    started = time.monotonic()
    assert grader.grade_source(f"import time; time.sleep(4)\n{waits}").passed
    assert time.monotonic() - started > 4.0, "longer than the limit of processor time"


@pytest.mark.slow
def test_the_verdict_and_the_curve_have_one_limit_by_the_clock(tmp_path: Path) -> None:
    (tmp_path / "dropout.py").write_text(f"import time\ntime.sleep(3)\n{SOLVED}")
    with Grader(Settings(execute="none", timeout_s=1.0)) as grader:
        grade = grader.grade(tmp_path / "dropout.py")
    assert grade.passed
    assert not grade.curve, "which would have begun with three seconds more"


@pytest.mark.parametrize("where", ["__init__", "train", "eval", "forward"])
def test_a_name_from_another_cell_is_named_wherever_it_is_missed(
    tmp_path: Path, notebook: dict[str, Any], grader: Grader, where: str
) -> None:
    head = {
        "__init__": "        self.p = p\n",
        "train": "        self.training = mode\n",
        "eval": "        return self.train(False)\n",
        "forward": "            return x\n",
    }[where]
    source = known.REFERENCE.replace(head, f"{head[: len(head) - len(head.lstrip())]}SEED + 1\n{head}")
    assert source != known.REFERENCE
    tagged(notebook, "implementation")["source"] = source
    grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert not grade.passed
    assert grade.feedback.count("'SEED' comes from another cell (cell 2)") == 1, grade.feedback


def test_a_name_that_is_given_comes_from_no_other_cell(
    tmp_path: Path, notebook: dict[str, Any], grader: Grader
) -> None:
    other = "from IPython.display import display\nimport numpy as np\nfrom math import floor"
    notebook["cells"].insert(0, {"cell_type": "code", "source": other, "metadata": {}, "outputs": []})
    answer = known.START.replace("keep_prob = 1.0", "display(np); from math import floor; keep_prob = 1.0")
    tagged(notebook, "implementation")["source"] = answer
    grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert grade.diagnosis == "inverted dropout"
    assert "comes from another cell" not in grade.feedback


def test_each_place_of_a_syntax_error_is_named_once(grader: Grader) -> None:
    feedback = grader.grade_source("def f():\nx = 1").feedback
    assert feedback == (
        "The cell does not run: IndentationError: expected an indented block after function definition on line 1 of "
        "cell 1 (line 2 of cell 1)."
    )


def test_a_patched_class_is_no_untouched_notebook(tmp_path: Path, notebook: dict[str, Any], grader: Grader) -> None:
    patch = "VarianceStabilizedDropout.forward = lambda self, x: x"
    notebook["cells"].append({"cell_type": "code", "source": patch, "metadata": {}, "outputs": []})
    grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert grade.status is Status.NOT_ATTEMPTED
    assert "Nothing has been changed" not in grade.feedback
    assert "changes VarianceStabilizedDropout.forward, but only the tagged cell" in grade.feedback


# --- ways out


def test_a_path_that_does_not_exist_is_nobodys_zero(tmp_path: Path, grader: Grader) -> None:
    for name in ("missing.ipynb", "missing.py", "missing"):
        with pytest.raises(UsageError, match=f"there is no .*{name}"):
            grader.grade(tmp_path / name)
        with pytest.raises(UsageError):
            grade_solution(tmp_path / name)


def test_in_a_batch_what_has_gone_is_a_line(tmp_path: Path, grader: Grader) -> None:
    (tmp_path / "there.py").write_text(SOLVED)
    there, gone = grader.grade_many([tmp_path / "there.py", tmp_path / "gone.py"])
    assert there.passed
    assert (gone.status, gone.reward) == (Status.BAD_NOTEBOOK, 0.0)
    assert "there is no such file" in gone.feedback


def test_a_deleted_check_fails_the_right_answer_and_is_named(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    (tmp_path / "dropout.py").write_text(SOLVED)
    (tmp_path / "test_dropout.py").unlink()
    result = grade_solution(tmp_path)
    assert not result["passed"]
    assert result["feedback"].startswith("Only the implementation is the answer: test_dropout.py is missing.")


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files"), ValueError("a defect")])
@pytest.mark.parametrize("where", ["grader.judging.grading.read", "grader.judging.grading.Upload.read"])
def test_whatever_happens_is_a_result_or_a_grader_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, where: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    setup_task_files(tmp_path)
    monkeypatch.setattr(where, fails)
    with pytest.raises(GraderError, match="says nothing about the submission"):
        grade_solution(tmp_path)


@pytest.mark.sandbox
def test_a_caller_with_many_descriptors_gets_its_verdict(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip("this user may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    setup_task_files(tmp_path)
    (tmp_path / "dropout.py").write_text(SOLVED)
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert json.dumps(grade_solution(tmp_path)["passed"]) == "true"
    finally:
        for each in held:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
