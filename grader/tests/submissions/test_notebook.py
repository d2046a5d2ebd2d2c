"""The lesson's rules, and that it runs from top to bottom whatever stands in the implementation cell."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.sandbox.box import Box
from grader.submissions.notebook import notebook_cells
from grader.tests import refresh
from grader.tests.refresh import SAMPLES, SUBMISSIONS, TASK, tagged

Notebook = dict[str, Any]
STATES = {
    "unsolved": known.START,
    "wrong": EXAMPLES["wrong type"][0],
    "raising": EXAMPLES["raises in training or evaluation"][0],
    "dividing": known.scaled("1.0 / np.float64(0)"),
    "without methods": "class VarianceStabilizedDropout: pass",
    "solved": known.REFERENCE,
}


def test_it_is_a_valid_notebook_without_outputs(notebook: Notebook) -> None:
    nbformat.validate(nbformat.from_dict(notebook))
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert len(notebook["cells"]) <= 30


def test_it_stands_alone(notebook: Notebook) -> None:
    source = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    imported = {name.split(".")[0] for name in _imports(source)}
    standard = {
        "ast",
        "collections",
        "contextlib",
        "dataclasses",
        "hashlib",
        "html",
        "io",
        "linecache",
        "math",
        "operator",
        "os",
        "platform",
        "re",
        "secrets",
        "sys",
        "textwrap",
        "types",
        "typing",
        "warnings",
    }
    assert imported <= standard | {"numpy", "matplotlib", "IPython"}


def _imports(source: str) -> list[str]:
    import ast

    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


def test_the_check_cell_is_locked_and_scored(notebook: Notebook) -> None:
    check = tagged(notebook, "check")
    assert check["metadata"]["editable"] is False
    assert check["metadata"]["deletable"] is False
    nbgrader = check["metadata"]["nbgrader"]
    assert (nbgrader["grade"], nbgrader["locked"], nbgrader["solution"], nbgrader["points"]) == (True, True, False, 10)
    assert "".join(check["source"]).rstrip().endswith("\nscore")
    assert "nbgrader" not in tagged(notebook, "implementation")["metadata"]


def test_what_is_derived_is_up_to_date(notebook: Notebook) -> None:
    check = "".join(tagged(notebook, "check")["source"])
    hint = "run: python -m grader.tests.refresh"
    start = "".join(tagged(notebook, "implementation")["source"])
    assert refresh.with_digest(refresh.with_shared_part(check), start).rstrip("\n") == check, hint
    assert refresh.prompt(notebook) == refresh.PROMPT.read_text(encoding="utf-8"), hint
    assert {path.stem for path in SUBMISSIONS.glob("*.ipynb")} == set(SAMPLES), hint
    assert not refresh.not_released(), hint


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_the_task_outside_its_implementation_cell(notebook: Notebook, name: str) -> None:
    sample = json.loads((SUBMISSIONS / f"{name}.ipynb").read_text(encoding="utf-8"))
    answer = "".join(tagged(sample, "implementation")["source"])
    assert answer == SAMPLES[name][0].rstrip("\n")
    tagged(sample, "implementation")["source"] = tagged(notebook, "implementation")["source"]
    assert sample == notebook


def test_its_code_knows_nothing_of_the_grader(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert "import grader" not in "".join(cell["source"])
            assert "from grader" not in "".join(cell["source"])


@pytest.mark.parametrize("state", STATES)
def test_it_runs_from_top_to_bottom(state: str, notebook: Notebook, tmp_path: Path) -> None:
    tagged(notebook, "implementation")["source"] = STATES[state]
    cells = [(cell.type, cell.source) for cell in notebook_cells(notebook)]
    with Box("auto", timeout_s=60.0, memory_mib=4096) as box:
        started = time.monotonic()
        executed, outcome = box.run_notebook(cells)
    assert outcome == "ran"
    # "< 20 s" is shown by its own measurement; this only bounds what nobody would wait for
    assert time.monotonic() - started < 60
    check = executed.cells[notebook["cells"].index(tagged(notebook, "check"))]
    first = check.outputs[0]["data"]["text/plain"].splitlines()[0]
    assert check.outputs[-1]["data"]["text/plain"] == ("10" if state == "solved" else "0")
    verdict = {"solved": "pass", "unsolved": "not attempted"}.get(state, "fail")
    assert first.partition(" · ")[0] == verdict
    assert "stderr" not in [output.get("name") for output in check.outputs]  # numpy's warnings are no verdict
    assert not [
        output for cell in executed.cells for output in cell.get("outputs", ()) if output.output_type == "error"
    ]


def test_every_figure_has_a_description(notebook: Notebook) -> None:
    tagged(notebook, "implementation")["source"] = known.REFERENCE
    cells = [(cell.type, cell.source) for cell in notebook_cells(notebook)]
    with Box("auto", timeout_s=60.0, memory_mib=4096) as box:
        executed, _ = box.run_notebook(cells)
    pages = [
        str(output.data["text/html"])
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    pictures = [page for page in pages if "<svg" in page]
    assert len(pictures) >= 5
    for page in pictures:
        described = re.search(r'<svg [^>]*role="img"[^>]*aria-label="([^"]*)"', page)
        assert described is not None
        assert len(described[1]) > 60
    assert not [o for cell in executed.cells for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]


def test_the_task_file_is_written_as_refresh_writes_it() -> None:
    text = TASK.read_text(encoding="utf-8")
    assert refresh.dumped(json.loads(text)) == text
