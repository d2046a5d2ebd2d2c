"""What the check cell says, and that it judges the implementation's source alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader import Grader, Settings, setup_task_files
from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.exercises.dropout.exercise import EXERCISE
from grader.exercises.dropout.known import MASK, SCALE, beside, repaired
from grader.submissions.task import Task, worded
from grader.tests.conftest import write
from grader.tests.refresh import tagged
from grader.tests.support.check import run_check


def test_what_only_another_cell_imports_does_not_count(task: Task) -> None:
    source = repaired((SCALE, "scale = 1.0 / math.sqrt(keep_prob)"))
    score, printed = run_check(task, source)  # the check's own cell imports math, into the same names
    assert score == 0
    assert printed.startswith("fail · raised\n")
    assert "line 27: scale = 1.0 / math.sqrt(keep_prob)" in printed
    assert run_check(task, f"import math\n\n{source}")[0] == 10


def test_the_untouched_cell_is_not_attempted_and_a_changed_one_is_not(task: Task) -> None:
    assert run_check(task, known.START)[1].startswith("not attempted\n")
    reworded = known.START.replace("p is the probability", "p: the probability").replace(
        "= 1.0 /", "= 1.0  /  # here\\\n"
    )
    assert run_check(task, known.START + "\n# nothing yet\n")[1].startswith("not attempted\n")
    assert run_check(task, f"import numpy as np\n\n\n{known.START}")[1].startswith("not attempted\n")
    assert run_check(task, reworded.replace("# here\\\n", ""))[1].startswith("not attempted\n")
    assert run_check(task, repaired((SCALE, "scale = 1.0 / (1 - self.p)")))[1].startswith("fail · inverted dropout\n")


def test_a_rule_on_the_way_to_the_answer_is_named_only_once_the_numbers_are_right(task: Task) -> None:
    assert "no root" not in run_check(task, known.START)[1]
    assert "a root or a power" not in run_check(task, known.START)[1]
    newton = "scale = 1.0\n        for _ in range(60):\n            scale = (scale + 1 / (keep_prob * scale)) / 2"
    assert "contract: a root or a power in the code" in run_check(task, repaired((SCALE, newton)))[1]


def test_what_a_layer_prints_does_not_hide_the_verdict(task: Task) -> None:
    score, printed = run_check(task, beside((MASK, f"print('called')\n        {MASK}")))
    assert score == 10
    assert printed.startswith("pass · correct\nEvery rule of the contract holds.\n\n✓ 9 rules hold:")


@pytest.mark.parametrize(
    ("rates", "tolerance", "text"),
    [((0.2, 0.6), 0.05, "within 5 % at p = 0.2 and 0.6,"), ((0.15,), 0.1, "within 10 % at p = 0.15,")],
)
def test_a_course_with_other_numbers_hands_out_a_text_and_a_check_that_say_them(
    tmp_path: Path, rates: tuple[float, ...], tolerance: float, text: str
) -> None:
    own = {"rates": rates, "tolerance": tolerance}
    (path,) = setup_task_files(tmp_path / "variant", "notebook", options=own)
    variant = Task.load(EXERCISE.handout, path)
    contract = next(cell.source for cell in variant.cells if "<!-- contract -->" in cell.source)
    assert text in contract
    assert run_check(variant, known.REFERENCE)[0] == 10
    assert run_check(variant, known.START)[0] == 0
    nearly = repaired(("scale = 1.0 / keep_prob", "scale = 1.04 / np.sqrt(keep_prob)"))  # the variance is 8 % too large
    said = run_check(variant, nearly)[1]
    assert f"s²·(1-p) = 1.0816 at p = {rates[0]:g}" in said
    assert ("R8 variance: Var[y]/Var[x] = 1.082" in said) == (tolerance < 0.08)

    solved = json.loads(path.read_text(encoding="utf-8"))
    tagged(solved, "implementation")["source"] = known.REFERENCE
    path_of_answer = write(tmp_path / "ann.ipynb", solved)
    with Grader(Settings(execute="none", task=path, options=own)) as grader:
        grade = grader.grade(path_of_answer)
    assert grade.passed, grade.feedback
    assert [point.x for point in grade.points][: len(rates)] == list(rates)


def test_the_usual_numbers_hand_out_the_notebook_itself(tmp_path: Path) -> None:
    (path,) = setup_task_files(tmp_path, "notebook")
    assert path.read_bytes() == EXERCISE.handout.notebook.read_bytes()
    other = tmp_path / "other.ipynb"
    other.write_text(path.read_text(encoding="utf-8").replace("within 10 % at p", "within 10 percent at p"), "utf-8")
    with pytest.raises(UsageError, match=r"within 10 % at p = 0\.3, 0\.5 and 0\.7' 0 times"):
        worded(Task.load(EXERCISE.handout, other), EXERCISE.wording(EXERCISE.Options()))
