"""What keeps submissions apart on this machine: the level, what is missing for a stronger one, and whether it holds."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import IsolationError
from grader.sandbox import bwrap
from grader.sandbox.box import Box
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.extras import command, missing
from grader.sandbox.frames import Program
from grader.sandbox.inside.lockdown import FULL, PROCESS
from grader.sandbox.remedies import BUBBLEWRAP, INSTALL, LIBSECCOMP, SETTINGS, remedy
from grader.sandbox.server import NONE

NO_GROUP = "none can be made here: memory is summed ten times a second, without the kernel's buffers"
NEEDED = ("landlockpy", "pyseccomp", "numpy")  # for a verdict
TO_EXECUTE = ("ipykernel", "jupyter_client", "nbclient")  # whole notebooks
# The test of the walls in miniature. Each attempt is an expression; what raises, or gives None, was refused.
ATTEMPTS = {
    "read a file outside": "open({secret!r}).read()",
    "read the grader's own sources": "__import__('grader.exercises.interface')",
    "read another process": "open('/proc/{grader}/environ', 'rb').read()",
    "write outside its folder": "open({beside!r}, 'w').write('x')",
    "open a network socket": "__import__('socket').socket()",
    "signal the grader": "__import__('os').kill({grader}, 0) or 'sent'",
    "mount": "__import__('ctypes').CDLL(None).mount(b'none', b'/', None, 16384, None) == 0 or None",
    "fill the memory": "bytearray(1 << 45)",
}
MINIATURE = """
def attempt(text):
    try:
        return "got through" if eval(text) is not None else "refused"
    except BaseException:
        return "refused"

for text in {expressions!r}:
    print(attempt(text))
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``mend`` is the line that changes it."""

    name: str
    found: str
    mend: str = ""


@dataclass(frozen=True)
class Report:
    level: str
    machine: tuple[Finding, ...]
    missing: tuple[Finding, ...]
    walls: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return self.level == FULL and all(wall.found == "refused" for wall in self.walls)


def examine() -> Report:
    """Find the strongest level that works here, and try its walls in both kinds of child."""
    missing: list[Finding] = []
    for level in (FULL, PROCESS) if sys.platform == "linux" else ():
        try:
            with Box(level, 30.0, 4096) as box:
                return Report(level, tuple(_machine()), tuple(missing), tuple(_walls(box)))
        except IsolationError as error:
            missing += [Finding(f"level {level}", reason, remedy(reason)) for reason in error.missing.values()]
    if sys.platform != "linux":
        missing.append(Finding(f"level {FULL}", "needs Linux", "on Windows use WSL; on macOS a Linux virtual machine"))
    return Report(NONE, tuple(_machine()), tuple(missing), ())


def _machine() -> Iterator[Finding]:
    yield Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}")
    yield Finding("user", "root (children run as nobody)" if os.name == "posix" and os.getuid() == 0 else "ordinary")
    for name in (*NEEDED, *TO_EXECUTE):
        try:
            yield Finding(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "not installed", command("notebook") if name in TO_EXECUTE else INSTALL)
    if sys.platform != "linux":
        return
    program = bwrap.find()
    found = f"{program.version}, {program.source}, {program.path}" if program else "not installed"
    yield Finding("bubblewrap", found, "" if program else BUBBLEWRAP)
    seccomp = ctypes.util.find_library("seccomp")
    yield Finding("libseccomp", seccomp or "not installed", "" if seccomp else LIBSECCOMP)
    yield Finding("Landlock", f"ABI {_landlock()}" if _landlock() else "not in this kernel")
    for file, (forbids, _) in SETTINGS.items():
        if Path(file).exists():
            value = Path(file).read_text().strip()
            yield Finding(Path(file).name, f"{value}{' (forbids namespaces)' if value == forbids else ''}")
    group = ControlGroup.make(1 << 30, 64)
    yield Finding("control group", "memory and processes are bounded in sum" if group else NO_GROUP)
    if group:
        group.close()


def _landlock() -> int:
    try:
        import landlockpy
    except ImportError:
        return 0
    return landlockpy.abi_version()


def _walls(box: Box) -> Iterator[Finding]:
    """Each attempt, from a probe child and, where notebooks can be executed, from a kernel child."""
    with tempfile.TemporaryDirectory(prefix="grader-secret-") as folder:
        secret = Path(folder, "secret")
        secret.write_text("nobody's business")
        for path in (Path(folder), secret):
            path.chmod(0o755)
        given = {"secret": str(secret), "beside": f"{folder}/written", "grader": os.getpid()}
        source = MINIATURE.format(expressions=[text.format(**given) for text in ATTEMPTS.values()])
        said = {"probe": box.run(Program(source, [], [], seed=0)).output}
        if not missing("notebook"):
            notebook, _ = box.run_notebook([("code", source)])
            said["kernel"] = "".join(output.get("text", "") for output in notebook.cells[0].outputs)
    for kind, output in said.items():
        answers = output.splitlines()
        for number, name in enumerate(ATTEMPTS):
            yield Finding(f"{name} ({kind})", answers[number] if number < len(answers) else "no answer")
