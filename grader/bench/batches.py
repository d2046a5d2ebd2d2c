"""Rows of many submissions: whole commands, from cold to the last file, beside what they are compared with."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from grader.api import Grader
from grader.bench import lesson, timing
from grader.bench.graded import ANSWERS, CLASS_OF, VERDICT_ONLY, answers, class_of
from grader.bench.row import Row, Sizes, at_least, at_most
from grader.bench.timing import Runner, Times, Used, in_turns, on_cores
from grader.report.entries import Entry
from grader.report.pages import class_page
from grader.result import Grading
from grader.settings import Settings

LARGE_CLASS = 3000


def a_class(sizes: Sizes) -> list[Row]:
    """From cold to the last figure, without and with execution, against nbclient over the same notebooks from cold,
    and against the CPU time of the cells and of the figures.

    What the figures cost is seen without execution: beside that, it would be lost in what a shared machine adds.
    """
    with class_of(CLASS_OF) as (folder, out):
        cells = [list(lesson.code_cells(answer).values()) for answer in answers(CLASS_OF)]
        runs = ("one core", "two cores", "bare", "verdicts", "verdicts without figures")
        used: dict[str, list[Used]] = {name: [] for name in runs}
        cells_s = []
        for _ in range((sizes.commands + 1) // 2):
            with on_cores(1):
                with Runner("cells") as forked:
                    cells_s.append(sum(forked(sources)["cpu_s"] for sources in cells))
                used["one core"].append(timing.grader("grade", folder, "--out", out()))
                used["bare"].append(_bare(folder))
                used["verdicts"].append(timing.grader("grade", folder, "--out", out(), *VERDICT_ONLY))
                unadorned = ("grade", folder, "--out", out(), "--no-figures", *VERDICT_ONLY)
                used["verdicts without figures"].append(timing.grader(*unadorned))
            used["two cores"].append(timing.grader("grade", folder, "--out", out(), "--jobs", "2"))
    wall = {name: _walls(each) for name, each in used.items()}
    cpu = {name: Times(tuple(one.cpu_s for one in each)) for name, each in used.items()}
    own, bare = Times(tuple(cells_s)), wall["bare"]
    figures_s = cpu["verdicts"].median - cpu["verdicts without figures"].median
    work = f"{CLASS_OF} submissions, --execute full"
    return [
        at_least(
            f"{CLASS_OF} submissions, --execute none, one core",
            wall["verdicts"],
            f"bare nbclient: {bare}",
            bare.median / wall["verdicts"].median,
            12,
            "Beside the verdicts, what the figures show and their drawing; see the stages below.",
        ),
        at_least(
            f"{work}, --jobs 2", wall["two cores"], f"bare nbclient: {bare}", bare.median / wall["two cores"].median, 2
        ),
        at_least(
            f"{work}, one core",
            wall["one core"],
            f"bare nbclient: {bare}; the cells alone: {own}",
            bare.median / wall["one core"].median,
            2,
            f"The cells alone allow one core {bare.median / own.median:.2f} ×; what comes to them is in the next row, "
            f"and two cores reach {bare.median / wall['two cores'].median:.2f} ×.",
        ),
        at_most(
            f"{work}: CPU",
            cpu["one core"],
            f"cells {own} and figures {figures_s:.1f} s",
            cpu["one core"].median / (own.median + figures_s),
            1.3,
            "Beside cells and figures: a verdict, a kernel and the messages of each notebook (their stages are below), "
            "and once the start of Python, nbclient and two fork servers.",
        ),
    ]


def two_cores(sizes: Sizes) -> list[Row]:
    """A class large enough for the start of three more processes to be a small part of it."""
    with class_of(sizes.large) as (folder, out):

        def graded(cores: int) -> float:
            with on_cores(cores):
                return timing.grader("grade", folder, "--jobs", str(cores), *VERDICT_ONLY, "--out", out()).wall_s

        one, two = in_turns((sizes.commands + 1) // 2, lambda: graded(1), lambda: graded(2))
    limit = (
        "One process writes the gradebook all the while, and results and pages in the end; before that, each of four "
        "imports numpy, and one of them matplotlib."
    )
    ratio = one.median / two.median
    return [at_least(f"{sizes.large} submissions on two cores", two, f"one core: {one}", ratio, 1.8, limit)]


def growth(sizes: Sizes) -> list[Row]:
    """Memory and time per submission of a large batch, and of small ones that share its core as long as it runs.

    The time is the processor's: grading hardly waits, and a machine's speed from minute to minute is in both numbers.
    """
    return _growth(sizes, sizes.many, ("grade",), 1)


def from_disk(sizes: Sizes) -> list[Row]:
    """The same of a batch as large as a university's, to its report; the small ones have the other core."""
    return _growth(sizes, sizes.most, ("grade", "report"), 2)


def _growth(sizes: Sizes, count: int, commands: Sequence[str], cores: int) -> list[Row]:
    small: dict[int, list[list[Used]]] = {sizes.few: [], sizes.some: []}
    written: dict[int, str] = {}
    with ExitStack() as stack:
        classes = {number: stack.enter_context(class_of(number)) for number in (*small, count)}

        def graded(number: int) -> list[Used]:
            folder, fresh = classes[number]
            out = fresh()
            words = {"grade": (folder, "--out", out, "--no-figures", *VERDICT_ONLY), "report": (out,)}
            used = [timing.grader(command, *words[command]) for command in commands]
            written[number] = _sizes(out)
            shutil.rmtree(out)
            return used

        with on_cores(cores), ThreadPoolExecutor(1) as pool:
            large = pool.submit(graded, count)
            while not (large.done() and all(small.values())):
                for number, runs in small.items():
                    runs.append(graded(number))
        many = large.result()
    few, some = (Times(tuple(sum(one.cpu_s for one in used) for used in runs)).median for runs in small.values())
    first = (some - few) / (sizes.some - sizes.few)  # the start of the command is in neither
    later = (sum(one.cpu_s for one in many) - some) / (count - sizes.some)
    work = f"{count:,} submissions" if len(commands) == 1 else f"{count:,} submissions from disk to report"
    rows = [
        at_most(
            f"memory of `{command}`, {work}" if command == "report" else f"memory of the grader, {work}",
            f"{used.peak_mib:.0f} MiB",
            f"{sizes.few} submissions: {before.peak_mib:.0f} MiB",
            used.peak_mib / before.peak_mib,
            1.2,
        )
        for command, used, before in zip(commands, many, small[sizes.few][0], strict=True)
    ]
    return [
        *rows,
        at_most(
            f"CPU time for each submission up to {count:,}{work.partition(' submissions')[2]}",
            f"{1000 * later:.1f} ms",
            f"up to {sizes.some}, meanwhile: {1000 * first:.1f} ms",
            later / first,
            1.1,
        ),
        *(
            [Row(work, f"{sum(one.wall_s for one in many):.0f} s", written[count], "–", "–", True)]
            * (len(commands) - 1)
        ),
    ]


def _sizes(out: Path) -> str:
    book, page, *rest = (out / name for name in ("gradebook.sqlite", "index.html", "submissions", "feedback"))
    pages = sum(file.stat().st_size for folder in rest if folder.exists() for file in folder.iterdir())
    files = {"gradebook": book, "class report": page}
    told = [f"{name} {file.stat().st_size / 2**20:.1f} MiB" for name, file in files.items() if file.exists()]
    return ", ".join((*told, f"pages of submissions and feedback {pages / 2**20:.0f} MiB"))


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
            sizes.notebooks,  # as often as one is executed, in other rows
            lambda: timing.command(*asked, page.as_uri()).wall_s,
            lambda: timing.command(*asked, empty.as_uri()).wall_s,
        )
    seconds = ours.median - other.median
    work = f"opening the class report of {LARGE_CLASS:,} submissions"
    limit = (
        f"It is the browser's own time to read {LARGE_CLASS:,} rows, of which it lays out those in sight; it follows "
        "the machine: an empty page takes what stands beside it."
    )
    row = Row(work, str(ours), f"an empty page: {other}", f"{seconds:.2f} s more", "≤ 0.5 s", seconds <= 0.5, limit)
    return [row]


def _bare(folder: Path) -> Used:
    """nbclient over a folder in one process, from cold."""
    return timing.command(timing.PYTHON, "-P", timing.RUNNER, "nbclient-all", folder)


def _walls(used: list[Used]) -> Times:
    return Times(tuple(one.wall_s for one in used))
