"""What has to pass, in the order in which somebody meets it: a machine with git and Python, then one with all there is.

`.ci/run` runs all of it, and `.ci/run --session style` a part. It takes root to become an ordinary user and to put
programs out of sight; for anybody else, the README's commands are run on the machine as it is.
"""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox
from markdown_it import MarkdownIt
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parents[1]
IS_ROOT = os.getuid() == 0
APT = ("bubblewrap", "libseccomp2", "chromium")
OUT_OF_SIGHT = ("bwrap", "chromium", "chromium-browser", "google-chrome")
USER = "learner"
USERS_PATH = "/usr/local/bin:/usr/bin:/bin"
NOT_SLOW = "-m 'not slow'"
NOT_SLOW_AND_COSTS = "-m 'not slow or costs'"
TORCH = "torch==2.13.0+cpu"  # which TRL needs; a build without +cpu can bring gigabytes for graphics cards
RAY = "ray>=2.40,<3"
# The language could make a difference in these.
UNIT_TESTS = (
    *("test_architecture.py", "test_settings.py", "sandbox/test_box.py", "bench/test_measure.py"),
    *("exercises/test_fuzz.py", "exercises/test_known.py", "exercises/test_plan.py", "exercises/test_bounds.py"),
    *("exercises/test_theory.py", "judging/test_grading.py", "submissions/test_submission.py"),
)

os.environ["PIP_QUIET"] = "2"  # errors only
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip leaves to be compiled is compiled once
logging.getLogger("markdown_it").setLevel(logging.INFO)
held: list[bool] = []  # whether the walls did, pass by pass


def newest_python() -> str | None:
    """One of pyenv's, whose names in PATH may lead nowhere, or of the system's; none that is not newer than 3.11."""
    for minor in range(20, 11, -1):
        installed = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        for python in (*map(str, reversed(installed)), f"/usr/local/bin/python3.{minor}", f"/usr/bin/python3.{minor}"):
            if Path(python).exists():
                return python
    return None


NEWEST = newest_python()


# --- nothing is installed by hand --------------------------------------------------------------------------------


@nox.session(python=False)
def fresh_as_root(session: nox.Session) -> None:
    """The README's two commands as they stand. On many machines root's Python lies where only root may enter."""
    with clean_clone(session):
        first_command(session, without_apt())
        second_command(session, without_apt(), NOT_SLOW)


@nox.session(python=False)
def fresh_as_a_user(session: nox.Session) -> None:
    """The same as an ordinary user, and what hostile submissions cost one."""
    with clean_clone(session) as clone:
        start = [*without_apt(), *as_user(session, clone)]
        first_command(session, start)
        second_command(session, start, NOT_SLOW_AND_COSTS)


# --- with everything ---------------------------------------------------------------------------------------------


@nox.session(python=False)
def everything(session: nox.Session) -> None:
    """With what apt adds, nothing may be skipped, unless the kernel itself has no walls to offer."""
    if IS_ROOT and shutil.which("apt-get"):
        session.run("apt-get", "update", "-qq", success_codes=range(256))  # if it fails, with the lists that are there
        session.run("apt-get", "install", "-yqq", *APT, env={"DEBIAN_FRONTEND": "noninteractive"}, silent=True)
    session.chdir(ROOT)
    first_command(session, [])
    second_command(session, [], f"--durations=25 {'--no-skips' if held[-1] else ''}")
    if held[-1] and not all(held):
        session.error("the walls hold with the system's bubblewrap, and did not with the one from pip")


@nox.session
def style(session: nox.Session) -> None:
    session.chdir(ROOT)
    session.install("--no-compile", "-r", "requirements.txt", "-e", ".[test]", "nox")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy", "--strict", "grader", ".ci/noxfile.py")


@nox.session(python=False)
def walls_from_a_wheel(session: nox.Session) -> None:
    """As an ordinary user, with the package from its wheel and the tests, with what they use, put beside it."""
    with clean_clone(session) as clone:
        start = as_user(session, clone)
        session.run(*start, "python3", "-m", "venv", "wheel")
        session.run(*start, "wheel/bin/pip", "install", ".[notebook,report]", "pytest>=8.2,<10", "pytest-xdist>=3.7,<4")
        (packages,) = clone.glob("wheel/lib/python3*/site-packages")
        for name in ("tests", "bench"):
            shutil.move(clone / "grader" / name, packages / "grader")
        shutil.rmtree(clone / "grader")
        tests = [f"{packages}/grader/tests/sandbox/test_{name}.py" for name in ("walls", "box", "hostile_peers")]
        strict = ["--no-skips"] if all(held) else []
        session.run(*start, "wheel/bin/python", "-m", "pytest", *strict, "-m", "sandbox or process", *tests)


@nox.session(python=NEWEST or False)
def newest(session: nox.Session) -> None:
    """The unit tests with the newest Python that is here."""
    if NEWEST is None:
        session.skip("there is no Python here that is newer than 3.11")
    session.chdir(ROOT)
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-m", "not slow", *(f"grader/tests/{name}" for name in UNIT_TESTS))


@nox.session
@nox.parametrize("framework", ["inspect", "verifiers", "openenv", "trl"])
def framework(session: nox.Session, framework: str) -> None:
    """Rollouts without a model, in an environment of one framework and our wheel: they clash with each other."""
    if framework == "trl":
        try:
            session.run("pip", "install", "--no-compile", TORCH)
        except CommandFailed:
            session.skip(f"pip finds no {TORCH} for this Python: pytorch.org says what brings it")
    offline_run(session, framework, f".[{framework}]")


@nox.session(default=False)
def ray(session: nox.Session) -> None:
    """The README's recipe for Ray, when it is asked for: it is in no extra, large, and not built for every Python."""
    try:
        session.run("pip", "install", "--no-compile", "--only-binary", "ray", RAY)
    except CommandFailed:
        session.skip(f"pip finds no wheel of {RAY} for this Python: the recipe is not run")
    offline_run(session, "ray", ".")


@nox.session(python=NEWEST or False)
def harbor(session: nox.Session) -> None:
    """The same for Harbor, which needs Python 3.12."""
    if NEWEST is None:
        session.skip("there is no Python here that is newer than 3.11, which Harbor needs: apt-get install python3.12")
    offline_run(session, "harbor", ".", "harbor>=0.26,<0.27")


# --- how it is done ----------------------------------------------------------------------------------------------


def first_command(session: nox.Session, start: list[str]) -> None:
    """And what `doctor` says of the walls; its exit code is 0 where all of them hold."""
    session.run(*start, "bash", "-euc", readme_commands()[0])
    doctor = subprocess.run([*start, ".venv/bin/python", "-m", "grader", "doctor"], check=False)
    held.append(doctor.returncode == 0)
    if not held[-1]:
        session.warn("THE WALLS ARE NOT TESTED, or not all of them: see above")


def second_command(session: nox.Session, start: list[str], options: str) -> None:
    session.run(*start, "bash", "-euc", f"{readme_commands()[1]} {options}")


def offline_run(session: nox.Session, framework: str, *packages: str) -> None:
    """From a folder that holds nothing of ours; the runs, which are not in the wheel, are put into the installation."""
    session.chdir(ROOT)
    session.run("pip", "install", "--no-compile", *packages)
    home = session.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", silent=True)
    package = Path(str(home).strip(), "grader")
    shutil.copytree(ROOT / "grader" / "tests", package / "tests", dirs_exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        session.run("pip", "wheel", "--no-deps", "--wheel-dir", folder, ".", silent=True)
        (wheel,) = Path(folder).glob("*.whl")
        session.chdir(folder)
        session.run("python", "-P", "-m", f"grader.tests.rl.frameworks.run_{framework}", str(wheel))
        session.chdir(ROOT)


def readme_commands() -> list[str]:
    """What its blocks of shell say, in their order: the first two are the set-up's."""
    parsed = MarkdownIt().parse((ROOT / "README.md").read_text(encoding="utf-8"))
    return [block.content.strip() for block in parsed if block.type == "fence" and block.info == "bash"]


@contextmanager
def clean_clone(session: nox.Session) -> Iterator[Path]:
    """Of what is committed, in a folder that everybody may enter; the session goes on in it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        clone = Path(folder, "clone")
        session.run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone))  # whose owner may change
        session.chdir(clone)
        yield clone


def without_apt() -> list[str]:
    """What stands before a command that is not to see what apt has brought."""
    hide = 'for name in {}; do path=$(command -v "$name") && mount --bind /dev/null "$path"; done; exec "$@"'
    script = hide.format(" ".join(OUT_OF_SIGHT))
    return ["unshare", "--mount", "bash", "-c", script, "bash"] if IS_ROOT else []


def as_user(session: nox.Session, folder: Path) -> list[str]:
    """What stands before a command of an ordinary user, whose the folder is from now on."""
    if not IS_ROOT:
        return []
    if USER not in {entry.pw_name for entry in pwd.getpwall()}:
        session.run("useradd", "--create-home", USER)
    session.run("chown", "--recursive", USER, str(folder))
    start = ["runuser", "-u", USER, "--", "env", f"HOME={pwd.getpwnam(USER).pw_dir}", f"PATH={USERS_PATH}"]
    suits = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    if subprocess.run([*start, "python3", "-c", suits], check=False).returncode:
        session.error(
            f"in {USERS_PATH} there has to be a Python 3.11 or later, with venv: apt-get install python3-venv"
        )
    return start
