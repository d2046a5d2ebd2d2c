"""Attacks on the verdict: every file of ``attacks/``, and what can be done with a notebook or a workspace.

All run as a submission does, through the worker. None may pass, make the grader fail, outlast its deadline, or spoil
the verdict of the next submission. The files named ``machine_`` attack the machine: they are run inside the full walls
and nowhere else. What a child may do at all is tested in ``test_walls``.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import Grade, Grader, Settings, grade_solution, setup_task_files
from grader.exercises.dropout import known
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.mistakes import BY_NAME, EXAMPLES
from grader.exercises.dropout.options import Options
from grader.report import exports
from grader.report.page import grade_html
from grader.result import Status
from grader.sandbox.box import WAITING
from grader.sandbox.frames import OUTPUT_BYTES
from grader.submissions.task import Task
from grader.tests.conftest import write
from grader.tests.refresh import tagged

FILES = sorted((Path(__file__).parent / "attacks").glob("*.py"))
MACHINE = [path for path in FILES if path.stem.startswith("machine_")]
ATTACKS = [path for path in FILES if path not in MACHINE]
NEIGHBOUR = Path("/tmp/grader-neighbour")  # where one of the attacks looks for somebody else's work
TIMEOUT_S, SHORT_S = 4.0, 1.0  # the second for what does nothing but outlast it
SPARE_S = 3.0  # one for the start of a process, two for what follows its end
GROUP = 8  # after so many attacks, honest work is judged
STATUSES = {f"status {status}" for status in Status}
# What a terminal acts on, what turns text round, and halves of characters that cannot be written to a file.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Notebook = dict[str, Any]


@pytest.fixture(scope="module")
def strict() -> Iterator[Grader]:
    """Judges the answer alone, within a short time; one for all attacks, so that one could spoil the next."""
    with Grader(Settings(execute="none", timeout_s=TIMEOUT_S)) as opened:
        yield opened


@pytest.fixture(scope="module")
def hasty() -> Iterator[Grader]:
    """The same, and soon at its end."""
    with Grader(Settings(execute="none", timeout_s=SHORT_S)) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole() -> Iterator[Grader]:
    """Executes the whole notebook as well."""
    with Grader(Settings(timeout_s=15)) as opened:
        yield opened


def expectation(source: str) -> str:
    return source.partition("\n")[0].removeprefix("# expected: ").strip()


def assert_harmless(grade: Grade, source: str) -> None:
    """Whatever the attack: a verdict, no pass, and words that neither act on a terminal nor tell what is hidden."""
    assert grade.status is not Status.GRADER_ERROR, grade.feedback
    assert not grade.passed, grade.feedback
    assert grade.reward == 0.0
    says = grade.feedback + "".join(finding.measured for finding in grade.findings)
    for text in (says, grade.output):
        assert not UNPRINTABLE.search(text), ascii(text[:300])
        assert len(text.encode()) <= OUTPUT_BYTES
        for secret in hidden(grade):
            assert secret not in text, f"{secret} is nobody's to know"
        for line in known.REFERENCE.splitlines():
            assert "sqrt(keep_prob)" not in line or line.strip() not in text or line.strip() in source
    exports.to_json([grade]).encode()  # what cannot be written would stop the batch


def hidden(grade: Grade) -> set[str]:
    """The seed and the rates that are drawn afresh from it, as they would be printed."""
    if grade.seed is None:
        return set()
    drawn = [stage for stage in stages(grade.seed, Options().rates, Options().inputs) if not stage.public]
    rates = {str(call.p) for stage in drawn for call in stage.calls}
    return {str(grade.seed), *(rate for rate in rates if len(rate) >= 7)}  # those that are typed may stand anywhere


def assert_honest_work_is_judged(grader: Grader) -> None:
    """The reference passes and the planted bug fails, as before."""
    assert grader.grade_source(known.REFERENCE).passed
    planted = grader.grade_source(known.START)
    assert (planted.status, planted.passed) == (Status.NOT_ATTEMPTED, False)


# --- the answer alone ------------------------------------------------------------------------------------------


def test_there_are_attacks_of_every_kind_and_each_says_what_is_expected() -> None:
    assert len(ATTACKS) >= 100
    for path in FILES:
        lines = path.read_text(encoding="utf-8").split("\n")
        assert lines[0].startswith("# expected: ")
        assert expectation(lines[0]) in {*BY_NAME, *STATUSES, "fails"} - {"correct"}
        assert re.fullmatch(r"# \S.{20,}\.", lines[1]), f"{path.name}: its second line says what it tries"


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_fails_under_its_name_and_in_time(strict: Grader, hasty: Grader, path: Path) -> None:
    outlasts = expectation(path.read_text(encoding="utf-8")) == f"status {Status.TIMED_OUT}"
    assert_fails_under_its_name(hasty if outlasts else strict, path)
    if (ATTACKS.index(path) + 1) % GROUP == 0 or path == ATTACKS[-1]:
        assert_honest_work_is_judged(strict)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["memory_scale_by_own_place", "memory_seed_from_own_place"])
def test_what_depends_on_a_layers_place_in_memory_is_caught_every_time(strict: Grader, name: str) -> None:
    source = next(path.read_text(encoding="utf-8") for path in ATTACKS if path.stem == name)
    assert {strict.grade_source(source).diagnosis for _ in range(30)} == {expectation(source)}


def assert_fails_under_its_name(grader: Grader, path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    started = time.monotonic()
    grade = grader.grade_source(source)
    took_s = time.monotonic() - started
    assert_harmless(grade, source)
    assert took_s < WAITING * grader.settings.timeout_s + SPARE_S
    expected = expectation(source)
    if expected != "fails":
        assert expected == (grade.diagnosis if grade.status is Status.GRADED else f"status {grade.status}")


@pytest.fixture
def neighbour() -> Iterator[dict[Path, str]]:
    """A submission and a report that anybody may write to."""
    work = {NEIGHBOUR / "answer.py": known.REFERENCE, NEIGHBOUR / "reports" / "grades.json": "{}"}
    for path, text in work.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o666)
    yield work
    shutil.rmtree(NEIGHBOUR)


@pytest.mark.sandbox
@pytest.mark.parametrize("path", MACHINE, ids=lambda path: path.stem)
def test_an_attack_on_the_machine_meets_walls(strict: Grader, neighbour: dict[Path, str], path: Path) -> None:
    assert strict.box.isolation == "full", "without walls, this would kill, fill and deface what is on this machine"
    assert_fails_under_its_name(strict, path)
    assert_honest_work_is_judged(strict)
    assert {path: path.read_text(encoding="utf-8") for path in neighbour} == neighbour
    assert not [left for folder in ("/tmp", "/var/tmp", "/dev/shm") for left in Path(folder).glob("grader-[fh]*-*")]


def test_nothing_of_an_attack_was_unpickled_or_evaluated() -> None:
    assert not Path("/tmp/grader-was-unpickled").exists()


# --- through a workspace ---------------------------------------------------------------------------------------


BUGGY = "import numpy as np\n" + EXAMPLES["inverted dropout"][0]
EXITS = "import os\nprint('PASS', flush=True)\nos._exit(0)\n"
WORKSPACES: dict[str, dict[str, str]] = {
    "a module that shadows numpy": {"dropout.py": BUGGY, "numpy.py": EXITS, "numpy/__init__.py": EXITS},
    "modules that Python starts with": {
        "dropout.py": BUGGY,
        "sitecustomize.py": EXITS,
        "usercustomize.py": EXITS,
        "lockdown.py": EXITS,
        ".local/lib/python3.11/site-packages/x.pth": "import os; os._exit(0)\n",
    },
    "hooks of a test runner": {
        "dropout.py": BUGGY,
        "conftest.py": EXITS,
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    },
    "results written in advance": {
        "dropout.py": BUGGY,
        "results.json": '{"passed": true, "reward": 1.0}',
        "reward.txt": "1.0",
        "score.json": '{"score": 10}',
    },
    "an explanation with a script": {"dropout.py": BUGGY, "explanation.md": "<script>alert(1)</script>\x1b[2J PASS"},
}


@pytest.mark.parametrize("files", WORKSPACES.values(), ids=WORKSPACES.keys())
def test_files_beside_the_answer_change_no_verdict(tmp_path: Path, files: dict[str, str]) -> None:
    setup_task_files(tmp_path)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = grade_solution(tmp_path, Settings(execute="none", timeout_s=TIMEOUT_S))
    assert (result["passed"], result["diagnosis"]) == (False, "inverted dropout")
    assert "PASS" not in result["output"] + result["feedback"]


def test_an_attack_through_grade_solution_is_a_zero_and_no_exception(tmp_path: Path) -> None:
    """A training loop must never see ``GraderError`` because of what a model wrote."""
    setup_task_files(tmp_path)
    for name in ("protocol_arrays_for_attributes", "tree_exponent_without_float", "output_terminal_codes"):
        source = (Path(__file__).parent / "attacks" / f"{name}.py").read_text(encoding="utf-8")
        (tmp_path / "dropout.py").write_text(f"import numpy as np\n{source}", encoding="utf-8")
        assert grade_solution(tmp_path, Settings(execute="none", timeout_s=TIMEOUT_S))["reward"] == 0.0


def test_the_check_of_a_script_cannot_be_replaced(tmp_path: Path) -> None:
    setup_task_files(tmp_path)
    (tmp_path / "dropout.py").write_text("import numpy as np\n" + known.REFERENCE, encoding="utf-8")
    (tmp_path / "test_dropout.py").write_text("print('10/10')", encoding="utf-8")
    result = grade_solution(tmp_path, Settings(execute="none"))
    assert (result["passed"], result["diagnosis"]) == (False, "check cell changed")


# --- through a notebook ----------------------------------------------------------------------------------------


def cell(source: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def answered(notebook: Notebook, source: str) -> Notebook:
    tagged(notebook, "implementation")["source"] = source
    return notebook


def first(notebook: Notebook, *sources: str) -> Notebook:
    notebook["cells"][:0] = [cell(source) for source in sources]
    return notebook


WRONG = EXAMPLES["inverted dropout"][0]


def excusing_tags(n: Notebook) -> Notebook:
    """Tags that tell nbclient to go on after an error, or not to run the cell at all."""
    for entry in n["cells"]:
        entry["metadata"].setdefault("tags", []).extend(["raises-exception", "skip-execution", "remove-cell"])
    return n


def own_kernel(n: Notebook) -> Notebook:
    """A kernel and a language of its own, whose program says that all went well."""
    n["metadata"]["kernelspec"] = {"name": "bash", "display_name": "PASS", "language": "bash", "argv": ["true"]}
    n["metadata"]["language_info"] = {"name": "bash", "file_extension": ".sh"}
    return n


def cell_magics(n: Notebook) -> Notebook:
    """The answer's cell does not run in the notebook, or runs elsewhere."""
    return answered(n, "%%capture\n" + WRONG)


def script_magic(n: Notebook) -> Notebook:
    """The answer's cell is handed to another program."""
    return answered(n, "%%script true\n" + WRONG)


def patched_shell(n: Notebook) -> Notebook:
    """Cells above the answer replace run_cell, showtraceback and every syntax tree that follows."""
    return first(
        n,
        "import IPython.core.interactiveshell as shell\nshell.InteractiveShell.showtraceback = lambda *a, **k: None",
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['print(\"10/10\")\\n'])",
        "get_ipython().run_cell = get_ipython().run_cell_async = lambda *a, **k: None",
    )


def stopped_kernel(n: Notebook) -> Notebook:
    """The first cell kills the kernel, with a code that says that all went well."""
    return first(n, "import os\nprint('10/10', flush=True)\nos._exit(0)")


def patched_names_before_the_check(n: Notebook) -> Notebook:
    """The check cell is as it went out, but the names that it uses were replaced before."""
    where = n["cells"].index(tagged(n, "check"))
    n["cells"].insert(where, cell("import builtins\nbuiltins.abs = lambda v: 0.0\nnp.var = lambda *a, **k: 1.0"))
    return n


def forged_outputs(n: Notebook) -> Notebook:
    """Outputs that were never printed are saved with the cells."""
    for entry in n["cells"]:
        if entry["cell_type"] == "code":
            data = {"text/html": "<script>alert('PASS')</script>", "text/plain": "10/10"}
            entry["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "10/10 PASS\n"},
                {"output_type": "display_data", "data": data, "metadata": {}},
            ]
            entry["execution_count"] = 1
    return n


def deep_metadata(n: Notebook) -> Notebook:
    """Metadata as deep as JSON can be read, and a megabyte of it."""
    deep: list[Any] = []
    for _ in range(800):
        deep = [deep]
    tagged(n, "implementation")["metadata"] |= {"deep": deep, "long": "x" * 10**6, "grader": {"passed": True}}
    n["metadata"]["grader"] = {"verdict": "pass", "reward": 1.0}
    return n


def second_check(n: Notebook) -> Notebook:
    """A second check cell, in front of the real one, that always gives ten points."""
    where = n["cells"].index(tagged(n, "check"))
    n["cells"].insert(where, cell("score = 10\nprint('10/10')", "check"))
    return n


def html_in_the_answer(n: Notebook) -> Notebook:
    """The answer holds markup, in names of cells and in what it raises."""
    return answered(n, WRONG + "\nraise ValueError('</p><script>alert(1)</script><img src=x onerror=alert(1)>')")


def many_answers(n: Notebook) -> Notebook:
    """Thousands of cells carry the tag of the answer; the last one is a copy of the planted bug."""
    n["cells"] += [cell(f"x{number} = {number}", "implementation") for number in range(3000)]
    n["cells"].append(cell(WRONG, "implementation"))
    return n


def answer_under_another_kind(n: Notebook) -> Notebook:
    """The right answer is a raw cell and a Markdown cell with the tag; what is code is wrong."""
    n["cells"] += [cell(known.REFERENCE, "implementation", kind=kind) for kind in ("raw", "markdown")]
    return n


def thousands_of_magics(n: Notebook) -> Notebook:
    """Ten thousand lines of magic before the answer."""
    return answered(n, "%time\n!true\n" * 5000 + WRONG)


def strange_characters(n: Notebook) -> Notebook:
    """Null bytes, halves of characters, text from right to left, form feeds, in sources, tags and names."""
    n["cells"].append(cell("'\x00 \ud800 \u202e \f \x1b[2J'", "\ud800"))
    n["cells"].append(cell("\ud800 \u202e", kind="markdown"))
    n["metadata"]["title"] = "\ud800\x1b[2J"
    return answered(n, WRONG.replace("scale = ", "sc\u0430le = scale = ") + "\nraise ValueError('\ud800\x1b[2J\u202e')")


def null_byte(n: Notebook) -> Notebook:
    """A null byte ends the answer's source for whoever reads it in C."""
    return answered(n, known.REFERENCE + "\n\x00\n" + WRONG)


def coding_line(n: Notebook) -> Notebook:
    """Says that its source is in an encoding where a comment is code."""
    return answered(n, "# -*- coding: utf-7 -*-\n# +AAo-import os+AAo-os._exit(0)\n" + WRONG)


def form_feeds(n: Notebook) -> Notebook:
    """Form feeds and tabs, which editors show as other lines and columns than Python counts."""
    return answered(n, WRONG.replace("        scale", "\f        scale", 1) + "\nif 1:\n\tpass\f\n")


def right_only_in_a_notebook(n: Notebook) -> Notebook:
    """Sees that it is being graded, and is right only for its author."""
    wrong = "scale = 1.0 / keep_prob ** (0.5 if 'IPython' in sys.modules else 1)"
    return answered(n, "import sys\n" + known.START.replace("scale = 1.0 / keep_prob", wrong))


def files_for_the_next(n: Notebook) -> Notebook:
    """Writes modules into the folder where the notebook runs."""
    return first(n, "from pathlib import Path\nPath('numpy.py').write_text('1/0')\nPath('worker.py').write_text('1/0')")


def whole_number_of_5000_digits(n: Notebook) -> Notebook:
    """A number in the metadata that Python refuses to read; ``written`` puts it in."""
    n["metadata"]["number"] = "5000 digits"
    return n


def blank_lines(n: Notebook) -> Notebook:
    """A cell of 100,000 blank lines: whoever looks for a class in it may look at each line from each line."""
    n["cells"].append(cell("\n" * 100_000))
    return n


def blank_columns(n: Notebook) -> Notebook:
    """A line of 100,000 spaces in a cell that is no Python: is it a magic line?"""
    n["cells"].append(cell(" " * 100_000 + "no python"))
    return n


def cells_of_much_code(n: Notebook) -> Notebook:
    """Twenty cells of code, each just short enough to be looked at."""
    n["cells"] += [cell("x = 1\n" * 33_000 + f"y = {number}") for number in range(20)]
    return n


def written(path: Path, notebook: Notebook) -> Path:
    write(path, notebook)
    path.write_text(path.read_text(encoding="utf-8").replace('"5000 digits"', "1" * 5000), encoding="utf-8")
    return path


NOTEBOOKS: list[tuple[Callable[[Notebook], Notebook], str]] = [
    (excusing_tags, "inverted dropout"),
    (own_kernel, "inverted dropout"),
    (cell_magics, "inverted dropout"),
    (script_magic, "interface"),
    (forged_outputs, "inverted dropout"),
    (deep_metadata, "inverted dropout"),
    (second_check, "check cell changed"),
    (html_in_the_answer, "status raised"),
    (many_answers, "status bad_notebook"),
    (answer_under_another_kind, "inverted dropout"),
    (thousands_of_magics, "inverted dropout"),
    (strange_characters, "status raised"),
    (null_byte, "status raised"),
    (coding_line, "inverted dropout"),
    (form_feeds, "inverted dropout"),
    (right_only_in_a_notebook, "inverted dropout"),
    (whole_number_of_5000_digits, "fails"),
    (blank_lines, "inverted dropout"),
    (blank_columns, "inverted dropout"),
    (cells_of_much_code, "inverted dropout"),
]


@pytest.mark.parametrize(("attack", "expected"), NOTEBOOKS, ids=[attack.__name__ for attack, _ in NOTEBOOKS])
def test_a_hostile_notebook_fails_in_time(
    tmp_path: Path, task: Task, strict: Grader, attack: Callable[[Notebook], Notebook], expected: str
) -> None:
    path = written(tmp_path / "x.ipynb", attack(answered(copy.deepcopy(task.raw), WRONG)))
    started = time.monotonic()
    grade = strict.grade(path, curve=False)
    assert time.monotonic() - started < WAITING * TIMEOUT_S + SPARE_S
    assert_harmless(grade, grade.source)
    if expected != "fails":
        assert expected == (grade.diagnosis if grade.status is Status.GRADED else f"status {grade.status}")


EXECUTED = [excusing_tags, own_kernel, patched_shell, patched_names_before_the_check, files_for_the_next]
EXECUTED += [stopped_kernel, forged_outputs, strange_characters]


@pytest.mark.parametrize("attack", EXECUTED, ids=[attack.__name__ for attack in EXECUTED])
def test_the_execution_of_a_hostile_notebook_changes_no_verdict(
    tmp_path: Path, task: Task, whole: Grader, attack: Callable[[Notebook], Notebook]
) -> None:
    path = write(tmp_path / "x.ipynb", attack(answered(copy.deepcopy(task.raw), WRONG)))
    started = time.monotonic()
    grade = whole.grade(path, curve=False, executed=tmp_path / "executed.ipynb")
    assert time.monotonic() - started < 2 * 15 + SPARE_S
    assert whole.grade_source(known.REFERENCE).passed
    assert_harmless(grade, grade.source)
    assert grade.execution != "not_run"


def test_what_a_hostile_cell_prints_can_be_written_to_the_executed_notebook(tmp_path: Path, whole: Grader) -> None:
    """The smallest notebook there is: halves of characters in a Markdown cell, printed, displayed and raised."""
    shown = "from IPython.display import display\ndisplay({'text/plain': '\\ud800'}, raw=True)\nprint('\\ud800')"
    cells = [cell("\ud800", kind="markdown"), cell(shown), cell(WRONG, "implementation")]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    grade = whole.grade(write(tmp_path / "x.ipynb", notebook), curve=False, executed=tmp_path / "out.ipynb")
    assert_harmless(grade, grade.source)


def test_a_right_answer_with_a_wrong_second_definition_elsewhere_is_judged_by_its_cell(
    tmp_path: Path, task: Task, strict: Grader
) -> None:
    notebook = answered(copy.deepcopy(task.raw), known.REFERENCE)
    notebook["cells"].append(cell(WRONG))
    assert strict.grade(write(tmp_path / "x.ipynb", notebook), curve=False).passed


@pytest.mark.parametrize(
    "result",
    ["np.zeros(3)", "os._exit(0)", "[]", "x.astype(object)", "np.full(x.shape, np.nan)", "print('\\x1b[2J')"],
)
def test_a_layer_that_turns_when_the_curve_is_measured_is_judged_all_the_same(
    tmp_path: Path, strict: Grader, result: str
) -> None:
    """The curve's calls have 16,000 numbers; those behind the verdict have fewer or more."""
    source = f"import os\nimport numpy as np\n{WRONG}".replace(
        "x = np.asarray(x)", f"x = np.asarray(x)\n        if x.size == 16_000:\n            return {result}"
    )
    (tmp_path / "dropout.py").write_text(source, encoding="utf-8")
    grade = strict.grade(tmp_path / "dropout.py")
    assert_harmless(grade, source)
    assert grade.diagnosis == "inverted dropout"
    assert grade.curve == ()


def test_a_page_of_an_attack_holds_no_markup_of_its_own(strict: Grader) -> None:
    for name in ("output_type_name_codes", "protocol_raised_forged"):
        path = Path(__file__).parent / "attacks" / f"{name}.py"
        page = grade_html(strict.grade_source(path.read_text(encoding="utf-8")))
        assert "<script" not in page
        assert "<b>" not in page
        assert not UNPRINTABLE.search(page.replace("\r", ""))


def test_json_results_of_attacks_can_be_read_again(strict: Grader) -> None:
    path = Path(__file__).parent / "attacks" / "exception_with_surrogates.py"
    grade = strict.grade_source(path.read_text(encoding="utf-8"))
    assert Grade.from_dict(json.loads(json.dumps(grade.to_dict()))).status is Status.RAISED
