"""The two commands for those who change the grader: how sure it is, and how fast. Light until one is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.errors import GRADER_FAILED, OK, UsageError


def add_to(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    measure = commands.add_parser("measure", help="measure how sure the verdict is; writes TESTING_RESULTS.md")
    measure.add_argument("--out", type=Path, default=Path("assets"), metavar="DIR", help="default: %(default)s")
    measure.add_argument("--gradings", type=int, default=3000, metavar="N", help="of each kind (default: %(default)s)")
    measure.add_argument("--jobs", type=int, default=1, metavar="N", help="default: %(default)s")
    measure.add_argument("--seed", type=int, default=2016, metavar="N", help="default: %(default)s")
    measure.set_defaults(call=_measure)
    bench = commands.add_parser("bench", help="measure how fast grading is, in ratios; writes BENCHMARKS.md")
    bench.add_argument("--out", type=Path, default=Path("assets"), metavar="DIR", help="default: %(default)s")
    bench.add_argument(
        "--only", type=_words, default=(), metavar="ROW,…", help="some rows, disk among them, and no file"
    )
    bench.add_argument("--repeats", type=int, metavar="N", help="of everything, instead of as often as for the file")
    bench.add_argument(
        "--many", type=int, metavar="N", help="submissions of the largest batch (default: 2000, and 10000 of disk)"
    )
    bench.add_argument("--profile", action="store_true", help="the stages of one verdict and of one notebook")
    bench.add_argument("--against", type=_words, default=(), metavar="nbgrader,otter", help="install and run these too")
    bench.set_defaults(call=_bench)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _measure(out: Path, gradings: int, jobs: int, seed: int) -> int:
    from grader.api import draw_figure
    from grader.bench.measure import write_results

    results = write_results(out, gradings, jobs, seed)
    for grade in results.brief:
        draw_figure(grade, out / grade.submission.replace(" ", "-"))
    for name, count in results.wrong.items():
        print(f"{name}: {count}")
    print(f"Tables and figures are in {out}/, first of all TESTING_RESULTS.md")
    return GRADER_FAILED if any(results.wrong.values()) else OK


def _bench(
    out: Path, only: Sequence[str], repeats: int | None, many: int | None, profile: bool, against: Sequence[str]
) -> int:
    from grader.bench.peers import PEERS
    from grader.bench.row import Sizes
    from grader.bench.rows import BY_NAME
    from grader.bench.run import bench

    for asked, known in ((only, BY_NAME), (against, PEERS)):
        if wrong := set(asked) - set(known):
            raise UsageError(f"{', '.join(sorted(wrong))}: there is {', '.join(known)}")
    sizes = Sizes()
    if repeats:
        sizes = replace(sizes, verdicts=repeats, notebooks=repeats, commands=repeats)
    if many:
        few, some, large = many // 100 + 1, many // 20 + 2, many // 10 + 2
        sizes = replace(sizes, few=few, some=some, large=large, many=many, most=many)
    bench(out, only, sizes, profile, against)
    return OK
