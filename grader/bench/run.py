"""``python -m grader bench``: what was asked for, measured, printed, and written down."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.bench import lesson, page, peers, stages, timing
from grader.bench.graded import CLASS_OF, class_of
from grader.bench.row import Row, Sizes
from grader.bench.rows import BY_NAME, ROWS

FILE = "BENCHMARKS.md"


def bench(out: Path, names: Sequence[str], sizes: Sizes, profile: bool, against: Sequence[str]) -> list[Row]:
    """Measure the rows of these names, all by default; writes the file only when all of them were asked for."""
    rows: list[Row] = []
    for name in names or ROWS:
        found = BY_NAME[name](sizes)
        rows += found
        for row in found:
            print(f"{row.work}\n  {row.ours}; {row.compared}\n  {row.value}, wanted {row.wanted}", flush=True)
    more = []
    if against:
        found = _against(against)
        print(page.table(found))
        more += ["## Beside other graders\n", page.table(found)]
    if profile:
        for title, seconds in (("one verdict", stages.verdict(sizes)), ("one notebook", stages.notebook(sizes))):
            more += [*([page.PROFILE + "\n"] if title == "one verdict" else []), page.stages(title, seconds)]
            print(more[-1])
        more += [page.LESSON, "\n".join(lesson.table()) + "\n"]
    if not names:
        (out / FILE).write_text(page.as_markdown(rows, more), encoding="utf-8")
    return rows


def _against(names: Sequence[str]) -> list[Row]:
    """Seconds for each of the same submissions, executed, one core each."""
    rows = []
    with timing.on_cores(1), class_of(CLASS_OF) as (folder, reports):
        ours = timing.grader("grade", folder, "--out", reports()).wall_s / CLASS_OF
        for name in names:
            with tempfile.TemporaryDirectory() as work:
                peer = peers.PEERS[name](folder, Path(work))
            work, compared = "one submission of 20, --execute full, one core", f"{peer.name}: {peer.seconds:.2f} s"
            rows.append(Row(work, f"{ours:.2f} s", compared, f"{peer.seconds / ours:.1f} × faster", "–", True))
    return rows
