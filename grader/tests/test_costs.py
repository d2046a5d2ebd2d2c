"""The table: what hostile submissions cost the grader, in memory and time, and that their neighbour gets its verdict.

A class in which each student is a case, graded by one process as a teacher would; the run ends with the table. And
others are graded while some take all they get of what is counted for a user.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.box import WAITING, Box
from grader.sandbox.frames import Ended, Program
from grader.submissions.upload import READ_S
from grader.tests.conftest import TABLE
from grader.tests.refresh import SUBMISSIONS
from grader.tests.support.archives import entry, swollen, written

pytestmark = [pytest.mark.slow, pytest.mark.costs, pytest.mark.process]

PEERS = Path(__file__).parent / "sandbox/peers"
TIMEOUT_S, SPARE_S, MOST_MIB = 4, 2, 250
RIGHT = json.loads((SUBMISSIONS / "02_sqrt.ipynb").read_text(encoding="utf-8"))
EXPLANATION, ANSWER = {"tags": ["explanation"]}, {"tags": ["implementation"]}
KERNELS = (  # of the peers, those that sent, held or wrote most
    *("one_update_for_many", "one_metadata_for_many", "not_a_number", "wide_characters", "outputs_of_5_mb"),
    *("endless_small_parts", "parts_behind_a_parse", "content_of_values", "widget_buffers", "prints_200_mb"),
)


def with_cell(kind: str, source: str | list[str], **more: Any) -> bytes:
    cell = {"cell_type": kind, "id": "zz", "metadata": {}, "source": source} | more
    code: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    own = [cell for cell in RIGHT["cells"] if "implementation" in cell["metadata"].get("tags", [])]
    return json.dumps(RIGHT | {"cells": [*own, cell | code]}).encode()


def kernel(name: str) -> bytes:
    parts = [(PEERS / f"{part}.py").read_text(encoding="utf-8") for part in ("tools", f"kernel_{name}")]
    return with_cell("code", "\n".join(parts))


def archive(method: int, body: Callable[[], bytes], claims: int, times: int = 1) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        local, listed = entry(method, body(), claims)
        return written(path / "hw.zip", local, listed * times, times)

    return make


FILES: dict[str, Callable[[], bytes]] = {  # made when they are wanted
    **{f"kernel: {name}": partial(kernel, name) for name in KERNELS},
    "file: a text of 50 MB": lambda: with_cell("markdown", "x" * 50_000_000 + "😀"),
    "file: an explanation of 20 MB": lambda: with_cell(
        "markdown", "word " * 4_000_000, metadata={"tags": ["explanation"]}
    ),
    "file: many wide texts": lambda: with_cell("markdown", ["😀" + "x" * 900_000] * 60),
    "file: 5 million lines": lambda: with_cell("markdown", ["\n"] * 5_000_000),
    "file: 600,000 outputs": lambda: with_cell("code", "1", outputs=[{"text": "x"}] * 600_000),
    "file: 3 million tags": lambda: with_cell("markdown", "", metadata={"tags": ["a"] * 3_000_000}),
    "file: 60 MB of brackets": lambda: b'{"nbformat": 4, "a": ' + b"[" * 30_000_000 + b"]" * 30_000_000 + b"}",
    "file: 60 MB of blanks": lambda: b"[" + b" " * (60 << 20) + b"]",
    "file: 97,000 lines of an answer": lambda: with_cell("code", "x=0\n" + "x\n" * 97_000, metadata=ANSWER),
    "file: 60,000 ways to match": lambda: with_cell(
        "code", "match 0:\n case " + "|".join("0" * 60_000) + ": pass", metadata=ANSWER
    ),
    "file: 97,000 lines beside": lambda: with_cell("code", "VarianceStabilizedDropout\n" + "x\n" * 87_000),
    "file: 25,000 lines of an answer": lambda: with_cell("code", "x\n" * 24_000, metadata=ANSWER),
    "file: form feeds": lambda: with_cell(
        "code", "x = '" + "\x0c" * 90_000 + "'", metadata={"tags": ["implementation"]}
    ),
}
ARCHIVES: dict[str, Callable[[Path], object]] = {
    "archive: bzip2": archive(12, lambda: swollen("bzip2"), 50 << 20),
    "archive: LZMA": archive(14, lambda: swollen("LZMA"), 50 << 20),
    "archive: one body for 3,000": archive(0, lambda: b"x" * 340_000, 340_000, 3000),
}
CASES = [*FILES, *ARCHIVES]

# What is counted for all processes of a user: of it, each process of a submission takes what it gets.
COUNTED = {
    "watches": """
    import select
    loops, ends = [select.epoll() for _ in range(30)], [end for _ in range(15) for end in os.pipe()]
    held.extend([loops, ends])
    for number in range(max(loop.fileno() for loop in loops) + 40, 4096):
        for end in ends:
            os.dup2(end, number)
            for loop in loops:
                loop.register(number, select.EPOLLERR)
""",
    "signals": """
    import signal
    kinds = range(signal.SIGRTMIN, signal.SIGRTMAX)
    signal.pthread_sigmask(signal.SIG_BLOCK, kinds)
    for _ in range(4096):
        for kind in kinds:
            os.kill(os.getpid(), kind)
""",
    "pages of pipes": """
    import fcntl
    for _ in range(2048):
        held.append(os.pipe())
        fcntl.fcntl(held[-1][1], fcntl.F_SETPIPE_SZ, 1 << 20)
""",
    "descriptors on their way": """
    import socket
    pair = socket.socketpair()
    held.append(pair)
    for _ in range(4096):
        socket.send_fds(pair[0], [b"x"], [pair[0].fileno()] * 50, socket.MSG_DONTWAIT)
""",
}
HOLDS = """import os, time
held = []
def take():
{take}
def hold():
    try:
        take()
    except OSError:
        pass
    time.sleep({seconds})
for _ in range(64):
    try:
        if os.fork() == 0:
            hold()
            os._exit(0)
    except OSError:
        break
hold()
"""
HELD_S = 3


# The peak is of this program's own memory: getrusage counts what the process before it had.
GRADES = """
import sys
import grader.settings
grader.settings.ISOLATION += ("process",)
path, out, timeout, isolation = sys.argv[1:]
settings = grader.Settings(timeout_s=float(timeout), isolation=isolation)
grader.grade_class(path, out, settings, figures=False)
print(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_hostile_submissions_cost_what_one_may(
    tmp_path: Path, isolation: str, record_property: Callable[[str, object], None]
) -> None:
    for number, name in enumerate(CASES):
        folder = tmp_path / "class" / f"case-{number:02}"
        folder.mkdir(parents=True)
        if name in FILES:
            (folder / "hw.ipynb").write_bytes(FILES[name]())
        else:
            ARCHIVES[name](folder)
    (tmp_path / "class/aaron").mkdir()  # the first: it meets a cold start
    (tmp_path / "class/aaron/hw.ipynb").write_bytes(json.dumps(RIGHT).encode())
    command = [sys.executable, "-c", GRADES, str(tmp_path / "class"), str(tmp_path / "out"), str(TIMEOUT_S), isolation]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr[-2000:]
    rows = {row["student"]: row for row in json.loads((tmp_path / "out/results.json").read_text(encoding="utf-8"))}
    peak = int(done.stdout.split()[-1]) >> 10
    deadline_s = READ_S + (WAITING + 1) * TIMEOUT_S
    table = [f"{'case':32} {'level':8} {'seconds':>8} {'notebook':>8}  outcome"]
    for number, name in enumerate(CASES):
        row = rows[f"case-{number:02}"]
        said = row["execution"] if row["execution"] != "not_run" else row["feedback"][:70]
        table.append(f"{name:32} {row['isolation']:8} {row['duration_s']:8.2f} {row['execution_s']:8.2f}  {said}")
    table.append(f"peak memory of the grader over all: {peak} MiB (at most {MOST_MIB}); user {os.getuid()}")
    record_property(TABLE, "\n".join(table))
    for number, name in enumerate(CASES):
        row = rows[f"case-{number:02}"]
        assert row["duration_s"] < deadline_s + SPARE_S, name
        assert row["execution_s"] < TIMEOUT_S + SPARE_S, name
    assert peak <= MOST_MIB
    assert rows["aaron"]["passed"]
    for path in (tmp_path / "out/executed").iterdir():
        assert path.stat().st_size < 40 << 20
        json.loads(path.read_bytes(), parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_what_is_counted_for_a_user_is_never_all_taken(isolation: str) -> None:
    programs = [HOLDS.format(take=take, seconds=HELD_S) for take in COUNTED.values()]
    graded = []
    with ExitStack() as stack:
        box, *others = [stack.enter_context(Box(isolation, 30, 4096)) for _ in range(1 + len(programs))]
        hostile = stack.enter_context(ThreadPoolExecutor(len(programs)))
        both = zip(others, programs, strict=True)
        held = [hostile.submit(other.run, Program(source, [], [], seed=1)) for other, source in both]
        while not all(run.done() for run in held):
            ended = box.run(Program("x = 1", [], [], seed=1)).ended
            graded.append((ended, box.run_notebook([("code", "print(1)")])[1]))
    ends = {run.result().ended for run in held}
    if box.isolation == "full":
        assert ends == {Ended.DONE}, "they have held what they got"
        assert len(graded) > HELD_S / 2
    assert ends <= {Ended.DONE, Ended.KILLED}, "without namespaces, who has too many processes may be ended for it"
    assert set(graded) == {(Ended.DONE, "ran")}
