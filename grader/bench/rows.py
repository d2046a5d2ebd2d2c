"""The rows of the table: each piece of work beside what it is compared with, in turns."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.bench import lesson, timing
from grader.bench.forked import ForkedBox
from grader.bench.timing import Runner, Times, Used, in_turns, on_cores
from grader.exercise import known
from grader.grading import Grader
from grader.report.entries import Entry
from grader.report.pages import class_page
from grader.result import Grading
from grader.sandbox.box import Box
from grader.settings import Settings
from grader.task import Task

SMALL = (  # about 60 ms of numpy
    "import numpy as np\nrng = np.random.default_rng(0)",
    "x = rng.normal(size=(300, 300))\nprint(np.linalg.svd(x, compute_uv=False)[:3])",
    "y = [rng.normal(size=100_000).std() for _ in range(20)]\nprint(min(y), max(y))",
)
MORE = 4  # notebooks, so that the start of the process is in neither number
CLASS_OF = 20  # submissions of a batch that is also executed
LARGE_CLASS = 3000
ANSWERS = (known.REFERENCE, *(sources[0] for sources in known.MISTAKES.values()))
VERDICT_ONLY = ("--execute", "none")


@dataclass(frozen=True)
class Sizes:
    """How often, and how much: the defaults are those of BENCHMARKS.md."""

    verdicts: int = 300
    notebooks: int = 9
    commands: int = 3
    few: int = 20
    some: int = 100
    large: int = 300
    many: int = 2000


@dataclass(frozen=True)
class Row:
    """``value``: the ratio, or the number that is ``wanted``."""

    work: str
    ours: str
    compared: str
    value: str
    wanted: str
    met: bool


def at_most(work: str, ours: object, compared: str, ratio: float, most: float) -> Row:
    return Row(work, str(ours), compared, f"{ratio:.2f} ×", f"≤ {most:g} ×", ratio <= most)


def at_least(work: str, ours: object, compared: str, ratio: float, least: float) -> Row:
    return Row(work, str(ours), compared, f"{ratio:.2f} ×", f"≥ {least:g} ×", ratio >= least)


def verdict(sizes: Sizes) -> list[Row]:
    """A verdict alone, with all walls and without any, on one core."""
    turn = iter(range(10**9))
    settings = Settings(execute="none", isolation="required")
    with on_cores(1), Grader(settings) as walled, Grader(settings, ForkedBox()) as open_:  # type: ignore[arg-type]

        def graded(grader: Grader) -> Callable[[], float]:
            return lambda: grader.grade_source(ANSWERS[next(turn) // 2 % len(ANSWERS)]).duration_s

        for grader in (walled, open_):
            grader.grade_source(known.REFERENCE)
        ours, other = in_turns(sizes.verdicts, graded(walled), graded(open_))
    rate = 1 / ours.median
    return [
        at_most("one verdict, all walls", ours, f"in a fork without walls: {other}", ours.median / other.median, 1.5),
        Row("verdicts per second, one core", str(ours), "–", f"{rate:.0f} /s", "≥ 50 /s", rate >= 50),
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
    overhead, bare_overhead = all_ours.median - all_cells.median, all_bare.median - all_cells.median
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


def batch_verdicts(sizes: Sizes) -> list[Row]:
    """From cold to the last figure, against nbclient over the same notebooks from cold, one core each."""
    with on_cores(1), class_of(CLASS_OF) as (folder, out):
        ours = [timing.grader("grade", folder, "--out", out(), *VERDICT_ONLY) for _ in range(sizes.commands)]
        bare = _bare(folder)
    mine = _walls(ours)
    work = f"{CLASS_OF} submissions, --execute none, one core"
    return [at_least(work, mine, f"bare nbclient: {bare.wall_s:.1f} s", bare.wall_s / mine.median, 12)]


def batch_executed(sizes: Sizes) -> list[Row]:
    """The same with execution, against nbclient, and against the CPU time of the cells and of the figures."""
    with class_of(CLASS_OF) as (folder, out):
        with Runner("cells") as forked:
            cells_s = sum(forked(list(lesson.code_cells(answer).values()))["cpu_s"] for answer in _answers(CLASS_OF))
        with on_cores(1):
            ours = timing.grader("grade", folder, "--out", out())
            bare = _bare(folder)
            without = timing.grader("grade", folder, "--out", out(), "--no-figures")
        both = timing.grader("grade", folder, "--out", out(), "--jobs", "2")
    figures_s = ours.cpu_s - without.cpu_s
    work = f"{CLASS_OF} submissions, --execute full"
    compared = f"bare nbclient, one core: {bare.wall_s:.1f} s"
    most = cells_s + figures_s
    return [
        at_least(f"{work}, one core", f"{ours.wall_s:.1f} s", compared, bare.wall_s / ours.wall_s, 2),
        at_least(f"{work}, --jobs 2", f"{both.wall_s:.1f} s", compared, bare.wall_s / both.wall_s, 2),
        at_most(
            f"{work}: CPU",
            f"{ours.cpu_s:.1f} s",
            f"cells {cells_s:.1f} s and figures {figures_s:.1f} s",
            ours.cpu_s / most,
            1.3,
        ),
    ]


def cold(sizes: Sizes) -> list[Row]:
    """One submission, from the start of Python to the last file, without figures."""
    with class_of(1) as (folder, out):
        ours, other = in_turns(
            3 * sizes.commands,
            lambda: timing.grader("grade", folder, "--out", out(), "--no-figures", *VERDICT_ONLY).wall_s,
            lambda: timing.command(timing.PYTHON, "-c", "import numpy").wall_s,
        )
    return [at_most("one submission from cold", ours, f"import numpy: {other}", ours.median / other.median, 4)]


def two_cores(sizes: Sizes) -> list[Row]:
    """A class large enough for the start of three more processes to be a small part of it."""
    with class_of(sizes.large) as (folder, out):
        walls = []
        for cores in (1, 2):
            with on_cores(cores):
                asked = ("grade", folder, "--jobs", str(cores), *VERDICT_ONLY)
                walls.append(_walls([timing.grader(*asked, "--out", out()) for _ in range((sizes.commands + 1) // 2)]))
    one, two = walls
    return [at_least(f"{sizes.large} submissions on two cores", two, f"one core: {one}", one.median / two.median, 1.8)]


def growth(sizes: Sizes) -> list[Row]:
    """Memory and time per submission of a large batch beside a small one."""
    used = {}
    for count in (sizes.few, sizes.some, sizes.many):
        with class_of(count) as (folder, out):
            used[count] = timing.grader("grade", folder, "--out", out(), "--no-figures", *VERDICT_ONLY)
    few, some, many = used.values()
    first = (some.wall_s - few.wall_s) / (sizes.some - sizes.few)  # the start of the command is in neither
    later = (many.wall_s - some.wall_s) / (sizes.many - sizes.some)
    memory, seconds = many.peak_mib / few.peak_mib, later / first
    return [
        Row(
            f"memory of the grader, {sizes.many:,} submissions",
            f"{many.peak_mib:.0f} MiB",
            f"{sizes.few} submissions: {few.peak_mib:.0f} MiB",
            f"{memory:.2f} ×",
            "≤ 1.2 ×",
            memory <= 1.2,
        ),
        Row(
            f"time for each submission up to {sizes.many:,}",
            f"{1000 * later:.1f} ms",
            f"up to {sizes.some}: {1000 * first:.1f} ms",
            f"{seconds:.2f} ×",
            "≤ 1.1 ×",
            seconds <= 1.1,
        ),
    ]


def opening(sizes: Sizes) -> list[Row]:
    """A large class's report in a browser, from the click to the last row, without the browser's own start."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("the class report's row is left out: there is no Chromium", file=sys.stderr)
        return []
    with Grader(Settings(execute="none")) as grader, class_of(len(ANSWERS)) as (submissions, out):
        folder = out()
        few = [Entry.of(Grading(0, "", 1, grader.grade(path))) for path in sorted(submissions.iterdir())]
        entries = [replace(few[n % len(few)], student=f"Learner {n}", submission=f"{n}") for n in range(LARGE_CLASS)]
        folder.mkdir()
        page, empty = folder / "index.html", folder / "empty.html"
        page.write_text(class_page(entries), encoding="utf-8")
        empty.write_text("<!DOCTYPE html><title>empty</title>", encoding="utf-8")
        asked = (browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user", "--dump-dom")
        ours, other = in_turns(
            2 * sizes.commands + 1,
            lambda: timing.command(*asked, page.as_uri()).wall_s,
            lambda: timing.command(*asked, empty.as_uri()).wall_s,
        )
    seconds = ours.median - other.median
    work = f"opening the class report of {LARGE_CLASS:,} submissions"
    return [Row(work, str(ours), f"an empty page: {other}", f"{seconds:.2f} s more", "≤ 2 s", seconds <= 2)]


ROWS: dict[str, Callable[[Sizes], list[Row]]] = {
    "verdict": verdict,
    "small": small_notebook,
    "lesson": lesson_notebook,
    "verdicts": batch_verdicts,
    "executed": batch_executed,
    "cold": cold,
    "cores": two_cores,
    "growth": growth,
    "report": opening,
}


# --- what is graded ---


def _answers(count: int) -> list[str]:
    """Distinct answers, right and wrong in turns."""
    chosen = (known.REFERENCE if n % 2 else ANSWERS[n // 2 % len(ANSWERS)] for n in range(count))
    return [f"{source}\n# learner {n}\n" for n, source in enumerate(chosen)]


@contextmanager
def class_of(count: int) -> Iterator[tuple[Path, Callable[[], Path]]]:
    """A folder of the lesson as ``count`` learners hand it in, and a way to fresh folders for reports."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        submissions = Path(folder, "submissions")
        submissions.mkdir()
        for number, answer in enumerate(_answers(count)):
            write_notebook(submissions, f"learner-{number:05}", list(lesson.code_cells(answer).values()))
        yield submissions, lambda: Path(tempfile.mkdtemp(dir=folder), "reports")


def write_notebook(folder: Path, name: str, cells: list[str]) -> Path:
    """The lesson with these sources in its code cells, or a notebook of these cells alone."""
    raw = json.loads(Task.load().path.read_text(encoding="utf-8"))
    code = [cell for cell in raw["cells"] if cell["cell_type"] == "code"]
    if len(code) != len(cells):
        raw["cells"] = code = [{**code[0], "id": f"cell-{n}", "metadata": {}} for n in range(len(cells))]
    for cell, source in zip(code, cells, strict=True):
        cell["source"] = source
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def _bare(folder: Path) -> Used:
    """nbclient over a folder in one process, from cold."""
    return timing.command(timing.PYTHON, "-P", timing.RUNNER, "nbclient-all", folder)


def _walls(used: list[Used]) -> Times:
    return Times(tuple(one.wall_s for one in used))
