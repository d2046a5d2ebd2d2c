"""One submission → its Grade: the API as the brief uses it, and what a Grade says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from grader import TASK_PROMPT, Grade, Grader, GraderError, Settings, grade_solution, setup_task_files
from grader.bench.in_process import InProcessBox
from grader.errors import SandboxError
from grader.exercises.dropout import known
from grader.exercises.dropout.checks import Verdict
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.report.page import grade_html
from grader.result import Outcome, Status
from grader.sandbox.box import Box
from grader.tests.conftest import write
from grader.tests.refresh import SAMPLES, SUBMISSIONS, tagged

RULES = [f"R{number}" for number in range(1, 11)]
SCRIPT = Settings(execute="none")


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_gets_its_verdict(grader: Grader, name: str) -> None:
    grade = grader.grade(SUBMISSIONS / f"{name}.ipynb", curve=False)
    expected = SAMPLES[name][1]
    assert grade.diagnosis == expected
    assert grade.passed is (expected == "correct")
    assert [finding.rule for finding in grade.findings] == RULES
    assert grade.findings[-1].outcome is Outcome.PASSED


def test_a_verdict_takes_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its linear algebra would otherwise wait for threads of its own where many verdicts are found side by side."""
    threads: list[int] = []

    def watched(whose: Any, name: str) -> None:
        method = getattr(whose, name)

        def seen(*given: Any) -> Any:
            threads.extend(pool["num_threads"] for pool in threadpool_info())
            return method(*given)

        monkeypatch.setattr(whose, name, seen)

    with threadpool_limits(2), InProcessBox() as box:
        grader = Grader(SCRIPT, box)
        watched(Verdict, "further")
        assert grader.grade_source(known.REFERENCE).passed
        stages = len(threads)
        watched(type(grader.exercise), "survey_points")
        assert grader.measure(known.REFERENCE, 1, (0.3,), 1000)
        assert set(threads) == {1}
        assert len(threads) > stages > 1
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}  # the caller's are as they were


def test_the_briefs_snippet_runs_as_written(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    result = grade_solution(tmp_path)
    assert not result["passed"]
    assert result["status"] == "not_attempted"
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    result = grade_solution(tmp_path)
    assert result["passed"], result["feedback"]
    assert result["reward"] == 1.0
    assert set(result) == {"passed", "feedback", "output", "reward", "status", "diagnosis", "findings", "seed"}
    assert 1.0 if result["passed"] else 0.0
    assert json.dumps(result)


@pytest.mark.slow
def test_the_visible_test_is_one_for_pytest_too(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    before = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert before.returncode == 1, before.stdout
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    after = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert after.returncode == 0, after.stdout


def test_a_notebook_workspace_is_graded_too(tmp_path: Path) -> None:
    (path,) = setup_task_files(tmp_path, form="notebook")
    notebook = json.loads(path.read_text())
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    write(path, notebook)
    assert grade_solution(tmp_path, SCRIPT)["passed"]


def test_the_output_is_the_submissions_own_and_bounded(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    noisy = f"import numpy as np\nprint('hello ' * 10_000)\n{known.REFERENCE}"
    noisy = noisy.replace("self.training = True", "self.training = True; print('rate', p)")
    (tmp_path / "dropout.py").write_text(noisy)
    result = grade_solution(tmp_path)
    assert result["passed"], "a print costs nobody a mark"
    assert result["output"].startswith("hello hello")
    assert len(result["output"]) <= 10_000


def test_the_output_tells_no_hidden_rate(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    spy = known.REFERENCE.replace("self.p = p", "self.p = p; print('rate', p)")
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{spy}")
    result = grade_solution(tmp_path)
    assert result["output"] == "rate 0.3\n"


def test_warnings_cost_nobody_a_mark(grader: Grader) -> None:
    noisy = known.REFERENCE.replace(
        "x = np.asarray(x)", "import sys, warnings; warnings.warn('w'); print('e', file=sys.stderr); x = np.asarray(x)"
    )
    assert grader.grade_source(noisy).passed


def test_one_seed_repeats_the_measurements() -> None:
    with Grader(Settings(seed=11)) as grader:
        one, two = grader.grade_source(known.REFERENCE), grader.grade_source(known.REFERENCE)
    assert one.points == two.points
    assert one.seed == 11


def test_the_seed_is_fresh_for_each_grading_and_recorded(grader: Grader) -> None:
    seeds = {grader.grade_source(known.REFERENCE).seed for _ in range(3)}
    assert len(seeds) == 3
    assert None not in seeds


def test_a_grade_goes_to_json_and_back(grader: Grader) -> None:
    for source in (known.REFERENCE, EXAMPLES["scale measured from the data"][0], "1 / 0"):
        grade = grader.grade_source(source)
        text = json.dumps(grade.to_dict(), allow_nan=False)
        assert json.dumps(Grade.from_dict(json.loads(text)).to_dict()) == text


def test_a_grade_shows_itself_and_escapes_what_it_shows(tmp_path: Path, grader: Grader) -> None:
    path = tmp_path / "<b>x.py"
    for source in ("raise ValueError('<script>alert(1)</script>')", known.REFERENCE):
        path.write_text(source)
        page = grade_html(grader.grade(path))
        assert "<script>" not in page
        assert "<b>x" not in page
        assert "<svg" not in page.partition("<img")[0]
        assert ("alt=" in page) is (source == known.REFERENCE)  # nothing is drawn where nothing was measured


@pytest.mark.parametrize("name", ["normal", "uniform", "laplace", "rademacher", "student_t", "shifted"])
def test_every_input_distribution_judges_alike(name: str) -> None:
    with Grader(Settings(options={"inputs": (name,)}, execute="none")) as grader:
        right, wrong = grader.grade_source(known.REFERENCE), grader.grade_source(EXAMPLES["no scale"][0])
    assert right.passed, right.feedback
    assert {point.series for point in right.points} == {name}
    assert not wrong.passed
    if name == "shifted":
        assert right.points[0].expected == pytest.approx(1 + 0.3 * 9)


def test_other_rates_and_tolerance_are_judged() -> None:
    with Grader(Settings(options={"rates": (0.2, 0.4), "tolerance": 0.05})) as grader:
        grade = grader.grade_source(known.REFERENCE)
    assert grade.passed
    assert [point.x for point in grade.points] == [0.2, 0.4]
    assert grade.findings[7].tolerance == "5%"


def test_an_explanation_can_be_asked_for(tmp_path: Path, notebook: dict[str, Any]) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    path = write(tmp_path / "x.ipynb", notebook)
    with Grader(Settings(require_explanation=True, execute="none")) as grader:
        without = grader.grade(path, curve=False)
        assert (without.passed, without.diagnosis) == (False, "explanation missing")
        words = "The second moment of y is s squared times the kept part, so s is one over its root."
        cell = tagged(notebook, "explanation")
        cell["source"] = "".join(cell["source"]) + "\n" + words
        grade = grader.grade(write(path, notebook), curve=False)
    assert grade.passed
    assert words in grade.explanation


def test_a_script_brings_its_explanation_along(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    settings = Settings(require_explanation=True)
    assert not grade_solution(tmp_path, settings)["passed"]
    (tmp_path / "explanation.md").write_text(
        "The power of what survives has to make up for what was dropped: s² (1-p) = 1."
    )
    assert grade_solution(tmp_path, settings)["passed"]


def test_a_changed_check_fails_the_right_answer_and_is_named(tmp_path: Path, notebook: dict[str, Any]) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    tagged(notebook, "check")["source"] = "score = 10"
    with Grader(SCRIPT) as grader:
        grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert (grade.status, grade.passed, grade.diagnosis) == (Status.GRADED, False, "check cell changed")
    assert "was changed" in grade.feedback


@pytest.mark.parametrize(
    ("source", "status", "says"),
    [
        ("x = 1\n1 / 0", Status.RAISED, "ZeroDivisionError: division by zero (line 2 of cell 1)"),
        ("def f(:", Status.RAISED, "SyntaxError"),
        ("import sys; sys.exit()", Status.RAISED, "SystemExit"),
        ("while True: pass", Status.TIMED_OUT, "time limit was hit (2 s of"),
        ("import os; os._exit(0)", Status.KILLED, "ended before"),
        (known.REFERENCE.replace("x = np.asarray(x)", "x = undefined_name"), Status.RAISED, "line 22 of cell 1"),
    ],
)
def test_what_gives_no_numbers_gets_its_status(source: str, status: Status, says: str) -> None:
    with Grader(Settings(timeout_s=2.0)) as grader:
        grade = grader.grade_source(source)
    assert grade.status is status
    assert grade.reward == 0.0
    assert says in grade.feedback


def test_a_name_from_another_cell_is_named_as_such(tmp_path: Path, notebook: dict[str, Any], grader: Grader) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE.replace("np.sqrt(keep_prob)", "root(keep_prob)")
    notebook["cells"].insert(
        0, {"cell_type": "code", "source": "root = np.sqrt", "metadata": {}, "outputs": [], "execution_count": None}
    )
    grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert grade.status is Status.RAISED
    assert "'root' comes from another cell" in grade.feedback


def test_the_graders_own_failure_is_tried_again_and_never_a_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grader: Grader
) -> None:
    calls = []
    real = Box.run

    def once(self: Box, program: Any, *further: Any) -> Any:
        calls.append(program)
        if len(calls) == 1:
            raise SandboxError("no process today")
        return real(self, program, *further)

    monkeypatch.setattr(Box, "run", once)
    assert grader.grade_source(known.REFERENCE).passed
    assert len(calls) == 2

    def never(self: Box, program: Any, *further: Any) -> Any:
        raise OSError("no process ever")

    monkeypatch.setattr(Box, "run", never)
    grade = grader.grade_source(known.REFERENCE)
    assert (grade.status, grade.reward, grade.passed) == (Status.GRADER_ERROR, None, False)
    setup_task_files(tmp_path)
    with pytest.raises(GraderError, match="says nothing about the submission"):
        grade_solution(tmp_path, Settings(isolation="none"))


def test_the_whole_notebook_is_run_as_evidence(tmp_path: Path, notebook: dict[str, Any]) -> None:
    import nbformat

    target = tmp_path / "out" / "x.ipynb"
    tagged(notebook, "implementation")["metadata"]["tags"].append("raises-exception")
    tagged(notebook, "implementation")["source"] = "1 / 0\n" + known.REFERENCE
    notebook["metadata"]["kernelspec"] = {"name": "no-such-kernel", "display_name": "x"}
    with Grader() as grader:
        grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False, executed=target)
    where = notebook["cells"].index(tagged(notebook, "implementation")) + 1
    assert grade.execution == f"raised in cell {where}", "the tags of a submission excuse nothing"
    assert nbformat.read(target, as_version=4).cells[where - 1].outputs[0].ename == "ZeroDivisionError"


@pytest.mark.slow
def test_a_notebook_that_does_not_end_times_out(tmp_path: Path, notebook: dict[str, Any]) -> None:
    notebook["cells"][1]["source"] = "while True: pass"
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    with Grader(Settings(timeout_s=4.0)) as grader:
        grade = grader.grade(write(tmp_path / "x.ipynb", notebook), curve=False)
    assert grade.execution == "timed_out"
    assert grade.passed, "the execution never changes the verdict"


def test_two_answers_in_one_workspace_have_no_verdict_and_no_reward(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    (path,) = setup_task_files(tmp_path, form="notebook")
    (tmp_path / "dropout.py").write_text(known.REFERENCE)
    path.write_text(path.read_text().replace("scale = 1.0 / keep_prob", "scale = 1.0"))
    result = grade_solution(tmp_path)
    assert "two answers" in result["feedback"]
    assert (result["status"], result["reward"]) == ("bad_notebook", 0.0)


def test_grades_of_many_come_in_order_on_one_job_or_two() -> None:
    paths = [SUBMISSIONS / f"{name}.ipynb" for name in list(SAMPLES)[:4]]
    grades = []
    for jobs in (1, 2):
        with Grader(Settings(seed=5, jobs=jobs, execute="none")) as grader:
            grades.append([(g.submission, g.passed, g.diagnosis, g.points) for g in grader.grade_many(paths)])
    assert grades[0] == grades[1]
    assert [name for name, *_ in grades[0]] == [str(path) for path in paths]


def test_the_prompt_holds_the_contract_and_not_the_answer() -> None:
    assert all(f"**{rule} " in TASK_PROMPT for rule in RULES)
    squeezed = TASK_PROMPT.replace(" ", "")
    for answer in ("1/np.sqrt", "1/√(1-p)", "1/√(1−p)", "sqrt(1-p)", "sqrt(keep_prob)", "**-0.5"):
        assert answer not in squeezed


@pytest.mark.parametrize(
    ("change", "diagnosis"),
    [
        (("y = x * mask * scale", "y = x * mask * 1e30"), "scale does not follow p"),
        (("y = x * mask * scale", "y = x * mask * np.inf"), "not finite"),
        (("return y.astype(", "return y.astype(np.float16 if True else "), "dtype"),
    ],
)
def test_extreme_numbers_are_judged_like_others(grader: Grader, change: tuple[str, str], diagnosis: str) -> None:
    source = known.REFERENCE.replace(*change)
    assert source != known.REFERENCE
    grade = grader.grade_source(source)
    assert (grade.status, grade.passed, grade.diagnosis) == (Status.GRADED, False, diagnosis)


def test_an_answer_too_long_to_be_read_as_code_fails_the_derivation(grader: Grader) -> None:
    grade = grader.grade_source(known.REFERENCE + "\n#" + "x" * 300_000)
    assert (grade.status, grade.diagnosis) == (Status.GRADED, "no root or power")


def test_terse_feedback_names_rules_and_no_measured_value() -> None:
    with Grader(Settings(feedback="terse", timeout_s=3.0)) as grader:
        wrong = grader.grade_source(EXAMPLES["root of p"][0])
        right = grader.grade_source(known.REFERENCE)
        broken = grader.grade_source("1 / 0")
    assert wrong.feedback == "Failed: R5 p = 0 is the identity, R7 scale, R8 variance."
    assert not any(finding.measured for finding in wrong.findings)
    assert (right.feedback, right.passed) == ("Passed.", True)
    assert broken.feedback == "Raised."


NOISE = 'raise ValueError("a\\nb\\r\\x1b[31mred\\u202e\\x00 \\ud800 " * 50)'
NAMED = 'raise type("Bad\\n\\x1b[2J" * 30, (Exception,), {})("x" * 300)'


@pytest.mark.parametrize("source", [NOISE, NAMED])
def test_an_exceptions_words_are_one_printable_line(source: str, grader: Grader) -> None:
    feedback = grader.grade_source(source).feedback
    assert feedback.startswith("The cell does not run: ")
    assert feedback.isprintable()
    assert len(feedback) < 400


@pytest.mark.parametrize("nbformat", ["true", "9" * 4000, "-1"])
def test_a_strange_format_is_one_short_line(
    nbformat: str, grader: Grader, notebook: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({**notebook, "nbformat": 0}).replace('"nbformat": 0', f'"nbformat": {nbformat}'))
    feedback = grader.grade(path).feedback
    assert "True" not in feedback
    assert feedback.isprintable()
    assert len(feedback) < 400
