"""What is compared with, in processes of its own: run as a script, ``python runner.py KIND``.

``cells`` and ``nbclient`` read work from standard input, a line of JSON each, and answer with a line: ``wall_s`` and
``cpu_s``. ``cells``: a list of sources, run by IPython with inline figures in a fork of this warm process, without
walls. ``nbclient``: a notebook's path, executed by nbclient as it is, in a fresh kernel, and written beside it.
``nbclient-all FOLDER``: so all notebooks of a folder.
``boxed FILE N``: a file's list of sources as a notebook behind all walls, N times.
``graded FILE``: the verdicts on a file's list of sources, as in training, by whatever version is imported.
``floor FILE N``: N times what no verdict on a file's first source can do without, see ``least``.
``command ARGUMENTS``: runs a command and says what it used, together with all that it started.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import gc
import importlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOK_S = 0.005
SUBREAPER = 36  # <linux/prctl.h>: orphans become this process's children, as bubblewrap's inner process does


def main() -> None:
    kind, *arguments = sys.argv[1:]
    if kind == "command":
        print(json.dumps(measured(arguments)))
        return
    if kind == "boxed":
        boxed(json.loads(Path(arguments[0]).read_text()), int(arguments[1]))
        return
    if kind == "graded":
        graded(json.loads(Path(arguments[0]).read_text()))
        return
    if kind == "floor":
        least(json.loads(Path(arguments[0]).read_text())[0], int(arguments[1]))
        return
    if kind == "nbclient-all":
        execute = nbclient()
        for path in sorted(Path(arguments[0]).glob("*.ipynb")):
            execute(str(path))
        return
    run: Callable[[Any], dict[str, float]] = forked_cells() if kind == "cells" else nbclient()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


def measured(command: list[str]) -> dict[str, float]:
    """Wall time until the command's end, CPU time of all its processes until the last one's end, and the resident
    memory of its first process at its highest."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1)
    started, peak_kib = time.perf_counter(), 0
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:
            peak_kib = max(peak_kib, _peak_kib(process.pid))
            time.sleep(LOOK_S)
        wall_s = time.perf_counter() - started
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}: {errors.read().decode()[-2000:]}")
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    every = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall_s": wall_s, "cpu_s": every.ru_utime + every.ru_stime, "peak_mib": peak_kib / 1024}


def _peak_kib(pid: int) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    return 0  # ended, or no Linux


def forked_cells() -> Callable[[list[str]], dict[str, float]]:
    for module in ("numpy.random", "matplotlib.pyplot", "matplotlib_inline.backend_inline"):
        importlib.import_module(module)
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def enable_gui(self, gui: object = None) -> None:
            """Figures are drawn inline: there is no window to wait for."""

    shell = Shell.instance()
    shell.display_pub = CapturingDisplayPublisher()  # type: ignore[no-untyped-call]
    shell.run_line_magic("matplotlib", "inline")

    def run(cells: list[str]) -> dict[str, float]:
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, json.dumps(_timed(lambda: _run_cells(shell, cells))).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as said:
            taken: dict[str, float] = json.load(said)
        os.wait()
        return taken

    return run


def _timed(work: Callable[[], object]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def _run_cells(shell: Any, cells: list[str]) -> None:
    sys.stdout = io.StringIO()
    for source in cells:
        shell.run_cell(source).raise_error()


def boxed(cells: list[str], times: int) -> None:
    from grader.sandbox.box import Box

    with Box("required", 600.0, 4096) as box:
        for _ in range(times):
            _, outcome = box.run_notebook([("code", cell) for cell in cells])
            if outcome != "ran":
                raise SystemExit(f"the notebook did not run: {outcome}")


def graded(sources: list[str]) -> None:
    from grader import Grader, Settings

    enough: dict[str, Any] = (
        {"evidence": "enough"} if "evidence" in {field.name for field in dataclasses.fields(Settings)} else {}
    )
    with Grader(Settings(execute="none", feedback="terse", **enough)) as grader:
        for source in sources:
            grader.grade_source(source)


def least(source: str, times: int) -> None:
    """In a fork of a process that holds the plan's arrays and little else: the layer's calls, on arrays that lie ready,
    and one pass over what came back, for which numbers were kept and for the extremes of y/x. No walls, nothing is sent
    anywhere, nothing is asked about the coins."""
    import numpy as np

    from grader.exercises.dropout.drawn import stages
    from grader.exercises.dropout.options import Options
    from grader.exercises.dropout.plan import CLASS

    options = Options()
    arrays: list[Any] = []
    calls: list[Any] = []
    for stage in stages(0, options.rates, options.inputs):
        arrays += stage.arrays
        runs = {operation for operation, (verb, *_) in enumerate(stage.operations) if verb == "run"}
        calls += [(call, call.operation in runs, call.view.of(arrays)) for call in stage.calls]
    gc.collect()
    gc.freeze()
    for _ in range(times):
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            continue
        np.seterr(all="ignore")
        names: dict[str, Any] = {"np": np}
        exec(source, names)
        layers = {call.layer: names[CLASS](call.p, call.layer) for call, _, _ in calls}
        for call, run, x in calls:
            layer = layers[call.layer].train(call.training)
            for part in x if run else [x]:
                y = layer(part)
                kept = y != 0
                if kept.any():
                    ratio = y[kept] / part[kept]
                    ratio.min(), ratio.max(), np.count_nonzero(kept)
        os._exit(0)


def nbclient() -> Callable[[str], dict[str, float]]:
    import nbformat
    from nbclient import NotebookClient

    def run(path: str) -> dict[str, float]:
        def execute() -> None:
            notebook = nbformat.read(path, as_version=4)
            NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
            Path(path).with_suffix(".executed").write_text(nbformat.writes(notebook), encoding="utf-8")

        return _timed(execute)

    return run


if __name__ == "__main__":
    main()
