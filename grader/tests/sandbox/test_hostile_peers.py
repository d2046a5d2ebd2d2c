"""A hostile kernel costs only itself: whatever it sends or leaves undone, its notebook ends in time under a name.

Each file of ``peers/`` is a cell; ``tools.py`` stands in front of it, and ``MEANS`` says how its outcome may begin.
What a probe child can do to the wire stands in ``test_box.py`` and in ``attacks/protocol_*.py``.
"""

from __future__ import annotations

import ast
import gc
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.sandbox.box import WAITING, Box
from grader.sandbox.frames import Ended, Program

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "peers"
TOOLS = (FOLDER / "tools.py").read_text(encoding="utf-8")
PEERS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("kernel_*.py"))}
DEADLINE_S, SPARE_S = 6.0, 2.0
SHORT_S = 2.0  # for what does nothing but outlast it
WATCH_S = 3.0
PROBE_S = 1.0
GROWTH_MIB = 50
SAMPLE_S = 0.005


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """One for all peers, warm: what it costs to import nbclient is no peer's doing."""
    with Box("required", DEADLINE_S, 4096) as opened:
        assert runs_as_ever(opened)
        yield opened


def runs_as_ever(box: Box) -> bool:
    notebook, outcome = box.run_notebook([("code", "print(1)"), ("code", "print(2)")])
    return (outcome, notebook.cells[1].outputs[0].text) == ("ran", "2\n")


class Growth:
    """The most by which this process has grown, in MiB."""

    def __init__(self) -> None:
        self.at_first = self.most = self.now()

    @staticmethod
    def now() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20

    @property
    def mib(self) -> float:
        return self.most - self.at_first


@contextmanager
def watched() -> Iterator[Growth]:
    growth, over = Growth(), threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_S):
            growth.most = max(growth.most, growth.now())

    watching = threading.Thread(target=sample)
    watching.start()
    try:
        yield growth
    finally:
        over.set()
        watching.join()


def test_the_watch_sees_memory_that_is_there_for_a_moment() -> None:
    with watched() as growth:
        held = b"x" * (80 << 20)
        time.sleep(20 * SAMPLE_S)
        del held
    assert growth.mib > 70


@pytest.fixture(scope="module")
def unboxed() -> Iterator[Box]:
    """At level ``process``."""
    with Box("process", DEADLINE_S, 4096) as opened:
        assert runs_as_ever(opened)
        yield opened


@pytest.mark.sandbox
@pytest.mark.parametrize("name", PEERS)
def test_a_hostile_kernel_costs_only_itself(box: Box, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    costs_only_itself(box, name, monkeypatch)


@pytest.mark.process
@pytest.mark.parametrize("name", PEERS)
def test_a_hostile_kernel_costs_only_itself_at_level_process(
    unboxed: Box, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs_only_itself(unboxed, name, monkeypatch)


def costs_only_itself(box: Box, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ast.parse(PEERS[name])
    means = next(ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and "MEANS" in ast.dump(n))
    within_s = SHORT_S if means[0] == "timed_out" else DEADLINE_S
    started = time.monotonic()
    with watched() as growth, monkeypatch.context() as patch:
        patch.setattr(box, "timeout_s", within_s)
        notebook, outcome = box.run_notebook([("code", f"{TOOLS}\n{PEERS[name]}"), ("code", "print(2)")])
    took_s = time.monotonic() - started
    said = [output.get("evalue") for cell in notebook.cells for output in cell.outputs if "evalue" in output]
    assert outcome.startswith(means), (outcome, said)
    assert took_s < within_s + SPARE_S
    assert growth.mib < GROWTH_MIB
    assert runs_as_ever(box)


@pytest.mark.sandbox
def test_a_flood_is_called_a_flood_whoever_sees_its_end_first(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.execution.WATCH_S", WATCH_S)  # nbclient sees it first, within a second
    _, outcome = box.run_notebook([("code", f"{TOOLS}\n{PEERS['kernel_endless_iopub_without_reply']}")])
    assert outcome == "printed too much in cell 1"


@pytest.mark.sandbox
def test_nothing_is_held_of_a_notebook_that_ended_while_its_kernel_started(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "timeout_s", 0.01)
    _, outcome = box.run_notebook([("code", "print(1)")])
    assert outcome == "timed_out"
    gc.collect()
    assert not [held for held in gc.get_objects() if type(held).__name__ == "NotebookClient"]


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.closerange(0, 4096)\nwhile True: pass",
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except Exception: pass\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import os, struct\nos.write(3, struct.pack('<BQ', 2, 2**63))\nwhile True: pass",
        "import os\nwhile True: os.write(2, b'x' * 2**20)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
    ],
    ids=["closes everything", "swallows every signal", "a frame of 2**63", "endless output", "stops itself"],
)
def test_a_hostile_probe_costs_only_itself(source: str) -> None:
    with Box("required", PROBE_S, 4096) as box:
        box.run(Program("", [], [], seed=1))
        started = time.monotonic()
        with watched() as growth:
            answer = box.run(Program(source, [["new", 0, "Layer", [], {}]], [], seed=1))
        assert answer.ended in (Ended.TIMED_OUT, Ended.KILLED)
        assert time.monotonic() - started < PROBE_S * WAITING + SPARE_S
        assert growth.mib < GROWTH_MIB
        assert box.run(Program("print('here')", [], [], seed=1)).output == "here\n"
