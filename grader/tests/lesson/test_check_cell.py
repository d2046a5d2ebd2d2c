"""What the check cell says, and that it judges the implementation's source alone."""

from __future__ import annotations

from grader.exercises.dropout import known
from grader.exercises.dropout.known import MASK, SCALE, beside, repaired
from grader.submissions.task import Task
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
