"""The house: what is public, which way imports run, who may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.tests.refresh import ROOT
from grader.versions import JUDGES

PACKAGE = Path(grader.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "tests" not in path.parts)

# What each room may import of ours. A folder's rule holds for all its modules.
MAY_IMPORT = {
    "errors": set(),
    "result": {"report"},  # a Grade shows itself in JupyterLab, lazily
    "settings": set(),
    "files": set(),
    "exercise": {"exercise", "result", "errors", "settings"},
    "sandbox": {"sandbox", "errors"},
    "source": set(),
    "notebook": {"source"},
    "task": {"errors", "notebook", "source"},
    "submission": {"errors", "result", "notebook", "source", "task"},
    "prompt": {"task"},
    "archive": {"errors", "notebook"},
    "paths": set(),
    "owners": {"errors", "notebook", "paths"},
    "gaps": {"archive", "notebook", "owners", "paths", "task"},
    "intake": {"errors", "task", "archive", "notebook", "paths", "owners", "gaps"},
    "failures": {"result", "settings", "sandbox", "submission", "notebook", "source"},
    "grading": {"errors", "files", "result", "settings", "exercise", "sandbox", "submission", "failures", "batch"}
    | {"notebook", "source", "task"},
    "versions": set(),
    "content": {"intake", "notebook", "submission", "task"},
    "gradebook": {"errors", "result", "settings", "content", "intake", "task", "versions"},
    "batch": {"processes", "errors", "result", "settings", "grading", "content", "intake", "gradebook"},
    "measure": {"errors", "result", "settings", "exercise", "sandbox", "grading", "task"},
    "processes": set(),
    "streams": set(),
    "report": {"report", "result", "errors", "files", "exercise", "processes"},
    "bench": {
        "gradebook",
        "intake",
        "bench",
        "errors",
        "settings",
        "exercise",
        "sandbox",
        "submission",
        "source",
        "task",
        "grading",
        "report",
        "result",
    },
    "marking": {"errors", "files", "result", "settings", "content", "intake", "grading", "sandbox", "batch"}
    | {"gradebook", "processes", "report"},
    "cli": {
        "errors",
        "streams",
        "settings",
        "exercise",
        "gradebook",
        "marking",
        "measure",
        "bench",
        "report",
        "prompt",
        "sandbox",
        "task",
    },
    "__init__": {"errors", "result", "settings", "grading", "prompt", "gradebook"},
    "__main__": {"cli"},
}
ONLY_IN = {
    "nbclient": {"sandbox/execution.py", "bench/runner.py"},
    "jupyter_client": {"sandbox/execution.py", "sandbox/provisioning.py"},
    "ipykernel": {"sandbox/kernel.py"},
    "landlockpy": {"sandbox/lockdown.py", "sandbox/doctor.py"},
    "pyseccomp": {"sandbox/lockdown.py"},
    "matplotlib": {"report/figures.py"},
    "rich": {"report/terminal.py"},
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("grader.")}
    assert ours <= MAY_IMPORT[room(path)]


def test_a_graders_version_covers_all_that_judges() -> None:
    """A module that is missing there would leave verdicts in a gradebook that it no longer gives."""
    rooms = {name.removesuffix(".py") for name in JUDGES}
    assert rooms == {"grading"} | MAY_IMPORT["grading"] - {"batch", "errors", "files", "result"}


def test_report_knows_of_the_exercise_its_theory_only() -> None:
    for path in MODULES:
        if room(path) == "report":
            taken = {name.split(".")[2] for name in imports(path) if name.startswith("grader.exercise.")}
            assert taken <= {"theory"}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_heavy_library_is_imported_in_its_own_room_only(library: str) -> None:
    users = {str(p.relative_to(PACKAGE)) for p in MODULES if library in {n.split(".")[0] for n in imports(p)}}
    assert users == ONLY_IN[library]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import grader, sys; print([m for m in ('nbformat', 'nbclient', 'matplotlib', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_process_of_ours_reads_notebooks_without_a_grammar_of_addresses() -> None:
    code = (
        "import sys; from grader import processes; processes.ours_alone(); import nbformat; from nbformat import v4; "
        "nbformat.validate(v4.new_notebook(cells=[v4.new_code_cell('1')])); print('jsonschema' in sys.modules, "
        "'lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "True False"


def test_the_public_names_are_these() -> None:
    assert sorted(grader.__all__) == [
        "ClassReport",
        "Grade",
        "Grader",
        "GraderError",
        "Settings",
        "TASK_PROMPT",
        "grade_solution",
        "load",
        "setup_task_files",
    ]
    assert all(hasattr(grader, name) for name in grader.__all__)


def test_the_top_level_is_the_one_that_was_agreed() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False).stdout
    if not listed:
        pytest.skip("not a git checkout")
    visible = {line.split("/")[0] for line in listed.splitlines() if not line.startswith(".")}
    assert visible == {"notebooks", "grader", "assets", "requirements.txt", "README.md", "pyproject.toml"}


def test_requirements_and_pyproject_name_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == project["dependencies"]


def test_an_older_python_is_refused_in_one_line(tmp_path: Path) -> None:
    """The check is run as an old Python would meet it: by version, before any other import."""
    source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    pretend = "import sys; sys.version_info = (3, 10, 2)\n"
    done = subprocess.run([sys.executable, "-c", pretend + source], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "grader needs Python 3.11 or later; this is Python 3.10.\n"
