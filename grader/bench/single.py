"""Rows of one submission: a verdict, a notebook, a command from cold, each beside what it is compared with."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.api import Grader
from grader.bench import lesson, timing
from grader.bench.forked import ForkedBox
from grader.bench.graded import ANSWERS, VERDICT_ONLY, class_of, write_notebook
from grader.bench.row import Row, Sizes, at_most
from grader.bench.timing import Runner, in_turns, on_cores
from grader.exercises.dropout import drawn, known
from grader.sandbox.box import Box
from grader.settings import Settings

SMALL = (  # about 60 ms of numpy
    "import numpy as np\nrng = np.random.default_rng(0)",
    "x = rng.normal(size=(300, 300))\nprint(np.linalg.svd(x, compute_uv=False)[:3])",
    "y = [rng.normal(size=100_000).std() for _ in range(20)]\nprint(min(y), max(y))",
)
MORE = 4  # notebooks, so that the start of the process is in neither number


def verdict(sizes: Sizes) -> list[Row]:
    """A verdict alone, with all walls and without any, on one core."""
    turn = iter(range(10**9))
    settings = Settings(execute="none", isolation="required")
    with on_cores(1), Grader(settings) as walled, Grader(settings, ForkedBox()) as open_:

        def graded(grader: Grader) -> Callable[[], float]:
            return lambda: grader.grade_source(ANSWERS[next(turn) // 2 % len(ANSWERS)]).duration_s

        for grader in (walled, open_):
            grader.grade_source(known.REFERENCE)
        ours, other = in_turns(sizes.verdicts, graded(walled), graded(open_))
    rate = 1 / ours.median
    asked = drawn.stages(0, walled.options.rates, walled.options.inputs)
    calls = [call for stage in asked for call in stage.calls]
    millions = sum(math.prod(call.view.seen) for call in calls) / 1e6
    return [
        at_most("one verdict, all walls", ours, f"in a fork without walls: {other}", ours.median / other.median, 1.5),
        Row(
            "verdicts per second, one core",
            str(ours),
            f"in a fork without walls: {1 / other.median:.0f} /s",
            f"{rate:.0f} /s",
            "≥ 50 /s",
            rate >= 50,
            f"A verdict is a fork of a warm process, {len(calls)} calls of the layer with {millions:.1f} million "
            "numbers, and the checks of what came back; without any walls it takes about as long. Its stages are "
            "below.",
        ),
    ]


def small_notebook(sizes: Sizes) -> list[Row]:
    return _notebook("a small notebook", list(SMALL), sizes, 1 / 4)


def lesson_notebook(sizes: Sizes) -> list[Row]:
    cells = list(lesson.code_cells(known.REFERENCE).values())
    return [*_notebook("the lesson with its figures", cells, sizes, 1 / 4), _cpu("the lesson: CPU", cells, sizes)]


def _cpu(work: str, cells: list[str], sizes: Sizes) -> Row:
    """CPU time of every process that takes part, for one more notebook behind all walls, against the cells' own."""
    with tempfile.TemporaryDirectory() as folder, Runner("cells") as forked:
        file = Path(folder, "cells.json")
        file.write_text(json.dumps(cells), encoding="utf-8")

        def used(times: int) -> float:
            return timing.command(timing.PYTHON, "-P", timing.RUNNER, "boxed", file, str(times)).cpu_s

        forked(cells)
        ours, alone = in_turns(
            sizes.commands, lambda: (used(1 + MORE) - used(1)) / MORE, lambda: forked(cells)["cpu_s"]
        )
    return at_most(work, ours, f"its cells: {alone}", ours.median / alone.median, 1.3)


def _notebook(work: str, cells: list[str], sizes: Sizes, most: float) -> list[Row]:
    """Executed at level full, by nbclient alone, and the same cells in a warm fork; overhead is what is beyond that."""
    with tempfile.TemporaryDirectory() as folder, Box("required", 600.0, 4096) as box:
        path = write_notebook(Path(folder), "one", cells)
        with Runner("cells") as forked, Runner("nbclient") as bare:
            stopwatch = timing.Stopwatch()

            def ours() -> float:
                with stopwatch:
                    _, outcome = box.run_notebook([("code", cell) for cell in cells])
                if outcome != "ran":
                    raise RuntimeError(f"the notebook did not run: {outcome}")
                return stopwatch.seconds

            for warm_up in (ours, lambda: forked(cells)):
                warm_up()
            all_ours, all_bare, all_cells = in_turns(
                sizes.notebooks, ours, lambda: bare(str(path))["wall_s"], lambda: forked(cells)["wall_s"]
            )
    overhead, bare_overhead = all_ours.beyond(all_cells), all_bare.beyond(all_cells)
    return [
        Row(
            f"{work}: overhead beside its cells ({all_cells})",
            f"{1000 * overhead:.0f} ms of {all_ours}",
            f"bare nbclient: {1000 * bare_overhead:.0f} ms of {all_bare}",
            f"{overhead / bare_overhead:.2f} ×",
            f"≤ {most:g} ×",
            overhead / bare_overhead <= most,
        )
    ]


def cold(sizes: Sizes) -> list[Row]:
    """One submission, from the start of Python to the last file, without figures."""
    with class_of(1) as (folder, out):
        ours, other = in_turns(
            3 * sizes.commands,
            lambda: timing.grader("grade", folder, "--out", out(), "--no-figures", *VERDICT_ONLY).wall_s,
            lambda: timing.command(timing.PYTHON, "-c", "import numpy").wall_s,
        )
    limit = "Beside one verdict, the start of Python and the imports, numpy among them, here and in the fork server."
    return [at_most("one submission from cold", ours, f"import numpy: {other}", ours.median / other.median, 4, limit)]
