"""Reading: what the answer is, and one clear line for everything that is no submission."""

from __future__ import annotations

import json
import textwrap
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.exercises.dropout import known
from grader.submissions import read as reading
from grader.submissions.source import same_code
from grader.submissions.task import Task, set_up
from grader.submissions.upload import Upload
from grader.tests.conftest import read, write
from grader.tests.refresh import tagged

Notebook = dict[str, Any]


def cell(source: str, kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def index(notebook: Notebook, tag: str) -> int:
    return int(notebook["cells"].index(tagged(notebook, tag)))


def test_the_answer_is_the_tagged_cell(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    submission = read(write(tmp_path / "a.ipynb", notebook), task)
    assert submission.answer.rstrip() == known.START.rstrip()
    assert submission.place(1) == f"line 1 of cell {index(notebook, 'implementation') + 1}"
    assert submission.tampered is None
    assert submission.problem is None


def test_a_split_cell_is_joined(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "implementation")
    lines = known.REFERENCE.rstrip().splitlines(keepends=True)
    at = index(notebook, "implementation")
    first, second = ({**cell, "source": part, "id": f"half{n}"} for n, part in enumerate((lines[:9], lines[9:])))
    first["source"][-1] = first["source"][-1].rstrip("\n")
    notebook["cells"][at : at + 1] = [first, second]
    submission = read(write(tmp_path / "split.ipynb", notebook), task)
    assert same_code(submission.answer, known.REFERENCE)
    assert submission.place(10) == f"line 1 of cell {at + 2}"


def test_a_split_cell_may_begin_indented(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "implementation")
    head, method, tail = "".join(cell["source"]).partition("    def forward")
    where = index(notebook, "implementation")
    halves = [{**cell, "id": name, "source": source} for name, source in (("a", head), ("b", method + tail))]
    notebook["cells"][where : where + 1] = halves
    assert same_code(read(write(tmp_path / "x.ipynb", notebook), task).answer, task.start)


def test_an_indented_cell_runs_as_in_jupyter(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "implementation")
    cell["source"] = "".join(f"    {line}" for line in task.start.splitlines(keepends=True))
    assert same_code(read(write(tmp_path / "x.ipynb", notebook), task).answer, task.start)


def test_a_duplicated_cell_counts_as_it_would_run(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "implementation")
    notebook["cells"].append({**cell, "source": known.REFERENCE, "id": "copy"})
    answer = read(write(tmp_path / "twice.ipynb", notebook), task).answer
    assert answer.endswith(known.REFERENCE)


def test_a_moved_cell_is_found(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "implementation")
    notebook["cells"].remove(cell)
    notebook["cells"].insert(0, cell)
    submission = read(write(tmp_path / "moved.ipynb", notebook), task)
    assert submission.place(2) == "line 2 of cell 1"
    assert submission.tampered is None


def test_without_a_tag_the_last_cell_with_the_class_counts(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    notebook["cells"].append({"cell_type": "code", "source": known.REFERENCE, "metadata": {}, "outputs": []})
    submission = read(write(tmp_path / "bare.ipynb", notebook), task)
    assert submission.answer == known.REFERENCE
    assert submission.tampered is None, "lost metadata is no change of the check cell"


def test_a_class_in_another_cell_is_mentioned(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    notebook["cells"].append({"cell_type": "code", "source": known.REFERENCE, "metadata": {}, "outputs": []})
    note = read(write(tmp_path / "stray.ipynb", notebook), task).note
    assert note.startswith(f"Cell {len(notebook['cells'])} also defines")


def test_an_answer_moved_out_of_its_cell_is_mentioned(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    tagged(notebook, "implementation")["source"] = "# moved to the end\n"
    notebook["cells"].append({"cell_type": "code", "source": known.REFERENCE, "metadata": {}, "outputs": []})
    note = read(write(tmp_path / "moved.ipynb", notebook), task).note
    assert note.startswith(f"Cell {len(notebook['cells'])} defines")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda check: check.replace("return 10 if word", "return 10 if True or word"), "was changed"),
        (lambda check: "score = 10", "was changed"),
        (lambda check: None, "is missing"),
    ],
)
def test_a_changed_check_cell_is_named(tmp_path: Path, notebook: Notebook, task: Task, change: Any, named: str) -> None:
    cell = tagged(notebook, "check")
    source = change("".join(cell["source"]))
    assert source != "".join(cell["source"])
    if source is None:
        notebook["cells"].remove(cell)
    else:
        cell["source"] = source
    tampered = read(write(tmp_path / "x.ipynb", notebook), task).tampered
    assert tampered is not None
    assert named in tampered
    assert f"copy cell {task.checks[0].index + 1} of the task notebook" in tampered


def test_layout_and_comments_of_the_check_cell_may_change(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "check")
    cell["source"] = "".join(cell["source"]).replace("\n", "\r\n") + "\r\n\r\n# fine\r\n"
    cell["metadata"] = {}
    assert read(write(tmp_path / "x.ipynb", notebook), task).tampered is None


def test_format_3_is_upgraded(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    import nbformat

    old = nbformat.convert(nbformat.from_dict(notebook), 3)
    submission = read(write(tmp_path / "x.ipynb", old), task)
    assert submission.problem is None
    assert same_code(submission.answer, known.START)


def test_windows_line_ends_do_not_matter(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(json.dumps(notebook, indent=1).replace("\n", "\r\n").encode())
    assert read(path, task).problem is None


def test_a_workspace_with_one_changed_form_is_that_form(tmp_path: Path, task: Task) -> None:
    set_up(tmp_path, "script", task)
    set_up(tmp_path, "notebook", task)
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    assert read(tmp_path, task).path.name == "dropout.py"


def test_a_workspace_with_two_changed_forms_has_no_answer(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    set_up(tmp_path, "script", task)
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    write(tmp_path / "variance_dropout_task.ipynb", notebook)
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    problem = read(tmp_path, task).problem
    assert problem is not None
    assert "two answers" in problem[1]


@pytest.mark.parametrize("notes", ['{"nbformat": 4, "cells": []}', "no notebook at all"])
def test_notes_beside_an_answer_are_nobodys_business(tmp_path: Path, task: Task, notes: str) -> None:
    (tmp_path / "notes.ipynb").write_text(notes)
    (tmp_path / "dropout.py").write_text(known.REFERENCE)
    assert read(tmp_path, task).answer == known.REFERENCE


@pytest.mark.parametrize("name", ["dropout.py", "x.ipynb", "explanation.md", "test_dropout.py"])
def test_a_link_out_of_a_workspace_is_not_read(tmp_path: Path, task: Task, name: str) -> None:
    (tmp_path / "secret").write_text(known.REFERENCE)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    if name in ("explanation.md", "test_dropout.py"):
        (workspace / "dropout.py").write_text(known.REFERENCE)
    (workspace / name).symlink_to("../secret")
    submission = read(workspace, task)
    assert submission.problem is not None
    assert f"{name} is a link that leads out" in submission.problem[1]
    assert known.REFERENCE not in (submission.answer, submission.explanation)


def test_a_name_too_long_to_be_looked_up_is_said(tmp_path: Path, task: Task) -> None:
    (tmp_path / "dropout.py").symlink_to("a" * 300)
    for path in (tmp_path, tmp_path / "dropout.py"):
        problem = read(path, task).problem
        assert problem is not None
        assert "too long" in problem[1]


def test_only_what_was_added_explains(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    cell = tagged(notebook, "explanation")
    handed_out = "".join(cell["source"])
    for added in ("", "\n.", "\nBecause power is a square."):
        cell["source"] = handed_out + added
        assert read(write(tmp_path / "x.ipynb", notebook), task).explanation == added.strip()


def test_no_other_code_goes_by_the_checks_tag(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    check = tagged(notebook, "check")
    notebook["cells"].append({**check, "id": "kept"})
    check["source"] = "print('PASS')\nscore = 10"
    notebook["cells"][-1]["metadata"] = {}
    tampered = read(write(tmp_path / "x.ipynb", notebook), task).tampered
    assert tampered is not None
    assert "is tagged as the check and is none" in tampered


def test_of_many_cells_as_long_as_the_check_few_are_compared(
    tmp_path: Path, notebook: Notebook, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = tagged(notebook, "check")
    source = "".join(check["source"])
    notebook["cells"] += [{**check, "metadata": {}, "source": f"# {n}\n{source} "} for n in range(200)]
    check["source"] = "score = 10"
    path, compared = write(tmp_path / "x.ipynb", notebook), []
    monkeypatch.setattr(reading, "_is_check", lambda one, *_: bool(compared.append(len(one))))  # type: ignore[func-returns-value]
    assert read(path, task).tampered
    assert sum(compared) < (reading.COMPARED + 1) * len(source)


def test_setting_up_overwrites_nothing(tmp_path: Path, task: Task) -> None:
    set_up(tmp_path, "script", task)
    (tmp_path / "dropout.py").write_text("mine")
    with pytest.raises(UsageError, match=r"dropout\.py"):
        set_up(tmp_path, "script", task)
    assert (tmp_path / "dropout.py").read_text() == "mine"


def test_a_changed_script_check_is_named(tmp_path: Path, task: Task) -> None:
    set_up(tmp_path, "script", task)
    assert read(tmp_path, task).tampered is None
    (tmp_path / "test_dropout.py").write_text("raise SystemExit(0)\n")
    assert read(tmp_path, task).tampered == "test_dropout.py was changed"


DRAFTS = {
    "in quotes": "'''\n{}\n'''",
    "in quotes with a name": "old = r'''\n{}\n'''",
    "behind a magic": "%%script false --no-raise-error\n{}",
    "in another language": "%%bash\n{}",
    "in a function": "def old():\n    if True:\n{}",
}


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_draft_below_lost_tags_is_no_answer(tmp_path: Path, notebook: Notebook, task: Task, draft: str) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    for each in notebook["cells"]:
        each["metadata"] = {}
    old = textwrap.indent(known.START, " " * 8) if "function" in draft else known.START
    notebook["cells"].append(cell(DRAFTS[draft].format(old)))
    assert read(write(tmp_path / "x.ipynb", notebook), task).answer == known.REFERENCE


def test_below_lost_tags_a_changed_cell_comes_before_the_starting_one(
    tmp_path: Path, notebook: Notebook, task: Task
) -> None:
    at = index(notebook, "implementation")
    for each in notebook["cells"]:
        each["metadata"] = {}
    notebook["cells"].insert(at, cell(known.REFERENCE))
    assert read(write(tmp_path / "x.ipynb", notebook), task).answer == known.REFERENCE


def test_a_broken_class_below_lost_tags_is_still_the_answer(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    for each in notebook["cells"]:
        each["metadata"] = {}
    notebook["cells"].append(cell(f"{known.REFERENCE})"))
    assert read(write(tmp_path / "x.ipynb", notebook), task).answer == f"{known.REFERENCE})"


@pytest.mark.parametrize(
    ("patch", "what"),
    [
        ("def forward(self, x):\n    return x\n\nVarianceStabilizedDropout.forward = forward", ".forward"),
        ("setattr(VarianceStabilizedDropout, 'eval', lambda self: self)", ".eval"),
        ("if True:\n    VarianceStabilizedDropout.scale = 2", ".scale"),
        ("a, VarianceStabilizedDropout.forward = 1, None", ".forward"),
        ("VarianceStabilizedDropout.p: float = 0.5", ".p"),
        ("%matplotlib inline\nVarianceStabilizedDropout = object", ""),
    ],
)
def test_a_class_that_another_cell_patches_is_noted(
    tmp_path: Path, notebook: Notebook, task: Task, patch: str, what: str
) -> None:
    notebook["cells"].append(cell(patch))
    note = read(write(tmp_path / "x.ipynb", notebook), task).note
    number, graded = len(notebook["cells"]), index(notebook, "implementation") + 1
    expected = f"Cell {number} changes VarianceStabilizedDropout{what}, but only the tagged cell {graded} is graded"
    assert note == f"{expected}: write it there."


def test_a_class_that_another_cell_extends_is_noted(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    extended = "class VarianceStabilizedDropout(VarianceStabilizedDropout):\n    pass"
    notebook["cells"].append(cell(extended))
    note = read(write(tmp_path / "x.ipynb", notebook), task).note
    assert note.startswith(f"Cell {len(notebook['cells'])} also defines VarianceStabilizedDropout")


def test_using_the_class_in_another_cell_is_no_patch(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    notebook["cells"].append(
        cell("layer = VarianceStabilizedDropout(0.3)\nlayer.p += 0\nmade[VarianceStabilizedDropout] = layer")
    )
    assert read(write(tmp_path / "x.ipynb", notebook), task).note == ""


def test_a_script_may_declare_its_encoding(tmp_path: Path, task: Task) -> None:
    (tmp_path / "dropout.py").write_bytes(b"# -*- coding: latin-1 -*-\n# \xdcbung\n" + known.REFERENCE.encode())
    submission = read(tmp_path / "dropout.py", task)
    assert submission.problem is None
    assert "Übung" in submission.answer


@pytest.mark.slow
def test_what_is_read_of_notebooks_is_bounded(tmp_path: Path, task: Task) -> None:
    values = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], "a": [' + "[]," * 1_000_000 + "[]]}"
    wide = json.dumps({"nbformat": 4, "cells": [cell("# ☺ 😀" + "a" * (20 << 20))]}, ensure_ascii=False)
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    (tmp_path / "x.ipynb").write_text(values)
    (tmp_path / "y.ipynb").write_text(wide, encoding="utf-8")
    upload = Upload.read(tmp_path, task.handout)
    tracemalloc.start()
    try:
        assert reading.read(upload, task).path.name == "dropout.py"
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


def test_reading_has_a_deadline(tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dropout.py").write_text(known.REFERENCE)
    monkeypatch.setattr("grader.submissions.upload.READ_S", -1)
    problem = read(tmp_path / "dropout.py", task).problem
    assert problem is not None
    assert "cannot be read: it took more than" in problem[1]


def test_of_a_long_explanation_the_beginning_is_kept_and_that_is_said(
    tmp_path: Path, task: Task, notebook: dict[str, Any]
) -> None:
    cell = next(cell for cell in notebook["cells"] if "explanation" in cell["metadata"].get("tags", []))
    cell["source"] = "why " * 100_000
    kept = reading.read(Upload.read(write(tmp_path / "a.ipynb", notebook), task.handout), task).explanation
    assert len(kept) < 21_000
    assert kept.endswith("cut here: the explanation is longer than 20,000 characters")


@pytest.mark.parametrize("swollen", ["outputs", "metadata"])
def test_what_nobody_looks_at_costs_no_memory(
    tmp_path: Path, task: Task, notebook: dict[str, Any], swollen: str
) -> None:
    whole = reading.read(Upload.read(write(tmp_path / "a.ipynb", notebook), task.handout), task)
    filler = [{"data": {"a": [1, "}]", "\\"]}}] * 100_000
    notebook["cells"][0][swollen] = filler if swollen == "outputs" else {"filler": filler}
    upload = Upload.read(write(tmp_path / "a.ipynb", notebook), task.handout)
    tracemalloc.start()
    try:
        same = reading.read(upload, task)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (same.answer, same.lines, same.tampered) == (whole.answer, whole.lines, whole.tampered)
    assert most < 4 << 20
