"""R10: what of the check may change, and what went out earlier is known when it comes back."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.exercises.dropout import known
from grader.submissions.source import fingerprint, same_code
from grader.submissions.task import Task, script_check, set_up
from grader.tests.conftest import read, write
from grader.tests.refresh import tagged

Notebook = dict[str, Any]


def imports_sorted(source: str) -> str:
    """As isort does, and one import twice."""
    changed = source.replace("import hashlib\nimport html\n", "import html, hashlib\nimport hashlib\n")
    assert changed != source
    return changed


def reprinted(source: str) -> str:
    """Other quotes, other breaks, other parentheses, no comments."""
    return ast.unparse(ast.parse(source))


def docstrings_wrapped(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant(f"\n    {ast.get_docstring(node)}   \n"))
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize("change", [imports_sorted, reprinted, docstrings_wrapped])
def test_a_formatter_may_go_over_the_check(tmp_path: Path, notebook: Notebook, task: Task, change: Any) -> None:
    cell = tagged(notebook, "check")
    cell["source"] = change("".join(cell["source"]))
    assert read(write(tmp_path / "x.ipynb", notebook), task).tampered is None
    set_up(tmp_path / "w", "script", task)
    (tmp_path / "w" / "test_dropout.py").write_text(change(script_check(task)))
    submission = read(tmp_path / "w", task)
    assert (submission.honesty_judged, submission.tampered) == (True, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 'a' 'b'", "x = (\n    'ab'\n)", True),
        ("x = f'{y} b' f'c'", 'x = f"{y} bc"', True),
        ("x = f'a'", "x = 'a'", True),
        ("x = u'a'", "x = 'a'", True),
        ("x = f(a, b,)", "x = f(\n    a,\n    b,\n)", True),
        ("del (a, b)", "del a, b", True),
        ("import b\nimport a\nx = 1", "import a, b\n\nx = 1", True),
        ("from a import c, b", "from a import b\nfrom a import c", True),
        ("def f():\n    '''One.  '''\n    return 1", 'def f():\n    """One."""\n    return 1', True),
        ("from a import b", "from a import c as b", False),
        ("from a import b", "from .a import b", False),
        ("def f():\n    import a\n    import b", "def f():\n    import b\n    import a", False),
        ("x = 1", "x = True", False),
        ("x = 1", "x = 1.0", False),
        ("x = 'a'", "x = b'a'", False),
        ("x: y", "x: y = None", False),
        ("f(a=1)", "f(b=1)", False),
        ("x = a - (b - c)", "x = a - b - c", False),
    ],
)
def test_the_same_code_is_what_does_the_same(one: str, other: str, same: bool) -> None:
    assert same_code(one, other) is same


def test_the_check_of_an_earlier_hand_out_is_known(tmp_path: Path, notebook: Notebook, task: Task) -> None:
    old = tagged(notebook, "check")
    old["source"] = "".join(old["source"]) + "\nprint('an earlier version')\n"
    assert read(write(tmp_path / "x.ipynb", notebook), task).tampered is not None
    handout = replace(task.handout, released=task.handout.released | {fingerprint(old["source"])})
    assert read(tmp_path / "x.ipynb", replace(task, handout=handout)).tampered is None


def test_a_fingerprint_is_the_same_under_every_python() -> None:
    """They are recorded: this one is of 3.11."""
    source = "import b, a\n\n\nclass C(B, k=1):\n    '''Doc.'''\n\n    def f(self, x: int = -1.5, *y) -> None:\n"
    source += "        with a as (b, c):\n            return f'{x!r:>{y}} z' if x[1:, ::2] else {**y, None: b'\\x00'}\n"
    assert fingerprint(source) == "1bc85c1c4db1b5f9fd020db3d847519a113ee1dac314c02a0803449191773e03"


def test_a_deleted_check_of_a_workspace_is_named(tmp_path: Path, task: Task) -> None:
    set_up(tmp_path, "script", task)
    (tmp_path / "test_dropout.py").unlink()
    submission = read(tmp_path, task)
    assert (submission.honesty_judged, submission.tampered) == (True, "test_dropout.py is missing")
    alone = read(tmp_path / "dropout.py", task)
    assert (alone.honesty_judged, alone.tampered) == (False, None), "a file is no workspace"


def test_a_learner_with_a_notebook_never_had_the_check_as_a_file(tmp_path: Path, task: Task) -> None:
    set_up(tmp_path, "notebook", task)
    (tmp_path / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    assert read(tmp_path, task).tampered is None
