"""The command line: parse, call the API, one line for a known error."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import streams
from grader.errors import GRADER_FAILED, INTERRUPTED, NOT_PASSED, OK, USAGE, GraderError, OutputError, UsageError
from grader.settings import EXECUTE, FEEDBACK, INPUTS, ISOLATION, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    streams.prepare()
    given = _parser().parse_args(arguments)
    code: int = OK
    try:
        code = given.run(given)
        sys.stdout.flush()
        return code
    except UsageError as error:
        return _failed(error, USAGE)
    except GraderError as error:
        return _failed(error, GRADER_FAILED)
    except KeyboardInterrupt:
        return _failed("interrupted; what was graded before is kept", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as with | head
        streams.give_up()
        return code
    except OSError as error:
        if error.filename is not None:  # no stream
            raise
        return _failed(OutputError.of(error), GRADER_FAILED)


def _failed(error: object, code: int) -> int:
    streams.say(f"grader: {error}")
    streams.give_up()
    return code


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


# One option for each field of Settings, under the same name and with the same default (a test asserts it).
OPTIONS: dict[str, dict[str, Any]] = {
    "rates": {"type": _numbers, "metavar": "P,P,…", "help": "published rates of dropping"},
    "tolerance": {"type": float, "metavar": "X", "help": "relative error of the variance that passes"},
    "inputs": {"type": _words, "metavar": "NAME,…", "help": f"input distributions: {', '.join(INPUTS)}"},
    "require_explanation": {
        "action": "store_true",
        "help": "fail a submission without a written explanation",
    },
    "feedback": {"choices": FEEDBACK, "help": "sentences that teach, or only which rules failed"},
    "timeout_s": {"type": float, "metavar": "S", "help": "time limit of each run of a submission"},
    "memory_mib": {"type": int, "metavar": "MIB", "help": "address space of each run of a submission"},
    "seed": {"type": int, "metavar": "N", "help": "replay a grading: the seed that its result records"},
    "execute": {"choices": EXECUTE, "help": "run the whole notebook as evidence, or judge the answer only"},
    "isolation": {"choices": ISOLATION, "help": "how submissions are kept apart from this machine"},
    "task": {"type": Path, "metavar": "NOTEBOOK", "help": "a teacher's own version of the task notebook"},
    "jobs": {"type": int, "metavar": "N", "help": "submissions graded at the same time"},
}
FORMATS = ("csv", "jsonl", "gradescope", "junit", "canvas", "moodle", "nbgrader")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m grader", description="Variance-stabilized dropout: the task, and its grader."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="grade the planted bug and the reference, with their figures")
    demo.add_argument("--out", type=Path, default=Path("reports/demo"), metavar="DIR", help="default: %(default)s")
    demo.add_argument("--seed", type=int, metavar="N")
    demo.set_defaults(run=_demo)
    new = commands.add_parser("new", help="set the task up in a folder")
    new.add_argument("workspace", type=Path, metavar="WORKSPACE")
    new.add_argument("--form", choices=("notebook", "script"), default="notebook", help="default: %(default)s")
    new.set_defaults(run=_new)
    measure = commands.add_parser("measure", help="measure how sure the verdict is; writes TESTING_RESULTS.md")
    measure.add_argument("--out", type=Path, default=Path("assets"), metavar="DIR", help="default: %(default)s")
    measure.add_argument("--gradings", type=int, default=3000, metavar="N", help="of each kind (default: %(default)s)")
    measure.add_argument("--jobs", type=int, default=1, metavar="N", help="default: %(default)s")
    measure.add_argument("--seed", type=int, default=2016, metavar="N", help="default: %(default)s")
    measure.set_defaults(run=_measure)
    bench = commands.add_parser("bench", help="measure how fast grading is, in ratios; writes BENCHMARKS.md")
    bench.add_argument("--out", type=Path, default=Path("assets"), metavar="DIR", help="default: %(default)s")
    bench.add_argument("--only", type=_words, default=(), metavar="ROW,…", help="some rows, and no file")
    bench.add_argument("--repeats", type=int, metavar="N", help="of everything, instead of as often as for the file")
    bench.add_argument("--many", type=int, metavar="N", help="submissions of the largest batch (default: 2000)")
    bench.add_argument("--profile", action="store_true", help="the stages of one verdict and of one notebook")
    bench.add_argument("--against", type=_words, default=(), metavar="nbgrader,otter", help="install and run these too")
    bench.set_defaults(run=_bench)
    report = commands.add_parser("report", help="write the class report and all pages anew, from a gradebook")
    report.add_argument("folder", type=Path, metavar="DIR", help="where grade has written to")
    report.set_defaults(run=_report)
    export = commands.add_parser("export", help="write a gradebook for another system")
    export.add_argument("folder", type=Path, metavar="DIR", help="where grade has written to")
    export.add_argument("--format", required=True, choices=FORMATS, help="whose form")
    export.add_argument("--to", type=Path, metavar="PATH", help="default: standard output, or a folder below DIR")
    export.add_argument("--points", type=float, default=1.0, metavar="N", help="of a pass (default: %(default)g)")
    export.add_argument("--assignment", metavar="TITLE", help="as Canvas or Moodle calls it")
    export.add_argument("--roster", type=Path, metavar="CSV", help="Canvas's or Moodle's own list of the students")
    export.set_defaults(run=_export)
    doctor = commands.add_parser("doctor", help="say how submissions are kept apart here, and try the walls")
    doctor.set_defaults(run=_doctor)
    grade = commands.add_parser("grade", help="grade notebooks, scripts, workspaces or folders of them")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    grade.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s")
    grade.add_argument("--student-from", metavar="REGEX", help="whose it is, from the path: a group (?P<student>…)")
    grade.add_argument("--png", action="store_true", help="figures as PNG too")
    grade.add_argument("--no-figures", dest="figures", action="store_false", help="no figures: three times as fast")
    grade.add_argument("--regrade", action="store_true", help="grade again what is graded; the history is kept")
    grade.add_argument("--quiet", action="store_true", help="no progress and no table: the count line, and errors")
    grade.add_argument("--json-lines", action="store_true", help="on standard output, one JSON object a grading")
    grade.add_argument("--check", action="store_true", help="exit 1 if a submission did not pass")
    defaults = Settings()
    for name, option in OPTIONS.items():
        default = getattr(defaults, name)
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
        says = option["help"] + ("" if shown in (None, False) else f" (default: {shown})")
        grade.add_argument(f"--{name.replace('_', '-')}", default=default, **{**option, "help": says})
    grade.set_defaults(run=_grade)
    return parser


# --- new -------------------------------------------------------------------------------------------------------


def _new(given: argparse.Namespace) -> int:
    from grader.task import Task, set_up

    files = set_up(given.workspace, given.form, Task.load())
    print("\n".join(f"wrote {path}" for path in files))
    if given.form == "script":
        print(f"Repair the class in {files[0]}; python {files[1].name} (in that folder) checks it.")
    else:
        print(f"Open it with: jupyter lab {files[0]}")
    print(f"Grade it with: python -m grader grade {given.workspace}")
    return OK


# --- grade -----------------------------------------------------------------------------------------------------


def _grade(given: argparse.Namespace) -> int:
    from grader.sandbox.server import underway

    try:
        settings = Settings(**{name: getattr(given, name) for name in OPTIONS})
    except ValueError as error:
        raise UsageError(str(error)) from error
    with underway(settings.isolation, settings.memory_mib) as first:  # it starts while numpy is imported here
        from grader.marking import mark

        return mark(given, settings, first)


# --- report ----------------------------------------------------------------------------------------------------


def _report(given: argparse.Namespace) -> int:
    from grader.gradebook import Stored, plain_defaults
    from grader.report.pages import write_report
    from grader.task import Task

    print(write_report(Stored(given.folder), given.folder, Task.load().start, plain_defaults()))
    return OK


# --- export ----------------------------------------------------------------------------------------------------


def _export(given: argparse.Namespace) -> int:
    from grader.gradebook import load
    from grader.report.formats import Order, export
    from grader.report.marks import Roster

    if not 0 < given.points < float("inf"):
        raise UsageError(f"--points is a positive number, not {given.points:g}")
    order = Order(given.folder, given.to, given.points, roster=given.roster and Roster.read(given.roster))
    if given.assignment:
        order = replace(order, assignment=given.assignment)
    found = export(load(given.folder), given.format, order)
    left_out = {"the grader failed on it": found.unjudged, f"not in {given.roster}": found.unknown}
    left_out[f"in {given.roster}, more than one fits: name files by their login"] = found.unclear
    for why, gradings in left_out.items():
        for grading in gradings:
            print(f"left out: {grading.student} ({why})", file=sys.stderr)
    return GRADER_FAILED if found.unjudged else NOT_PASSED if found.unknown or found.unclear else OK


# --- demo ------------------------------------------------------------------------------------------------------


def _demo(given: argparse.Namespace) -> int:
    """The brief's quick test: the prompt, the planted bug fails, the reference passes, a figure for each."""
    from grader.exercise import theory
    from grader.marking import make_folder
    from grader.measure import BRIEF_N, brief
    from grader.prompt import TASK_PROMPT
    from grader.report.drawing import draw

    print(TASK_PROMPT)
    seed = given.seed if given.seed is not None else secrets.randbits(32)
    bug, reference = brief(seed)
    make_folder(given.out)
    for grade, scale in ((bug, theory.inverted_scale), (reference, theory.stable_scale)):
        print(f"\n{grade.submission}: {'PASS' if grade.passed else 'FAIL'} · {grade.diagnosis}\n  {grade.feedback}")
        print(f"  seed {seed}, n = {BRIEF_N:,} at each rate")
        for m in grade.curve:
            if m.n == BRIEF_N:
                promised = theory.variance_ratio(m.p, scale(m.p)) - 1.0
                print(
                    f"  p = {m.p:g}: Var[y]/Var[x] = {m.variance_ratio:.4f} ± {m.standard_error:.4f}, "
                    f"variance error {m.measured_error:.1%} (theory {abs(promised):.1%})"
                )
        draw(grade, given.out / grade.submission.replace(" ", "-"), Settings().tolerance, png=True)
    print(f"\nFigures: {given.out}/planted-bug.svg and {given.out}/reference.svg")
    return OK if reference.passed and not bug.passed else GRADER_FAILED


# --- measure ---------------------------------------------------------------------------------------------------


def _measure(given: argparse.Namespace) -> int:
    from grader.measure import write_results
    from grader.report.drawing import draw

    results = write_results(given.out, given.gradings, given.jobs, given.seed)
    for grade in results.brief:
        draw(grade, given.out / grade.submission.replace(" ", "-"), Settings().tolerance, png=False)
    for name, count in results.wrong.items():
        print(f"{name}: {count}")
    print(f"Tables and figures are in {given.out}/, first of all TESTING_RESULTS.md")
    return GRADER_FAILED if any(results.wrong.values()) else OK


# --- bench -----------------------------------------------------------------------------------------------------


def _bench(given: argparse.Namespace) -> int:
    from grader.bench.peers import PEERS
    from grader.bench.row import Sizes
    from grader.bench.rows import ROWS
    from grader.bench.run import bench

    for asked, known in ((given.only, ROWS), (given.against, PEERS)):
        if wrong := set(asked) - set(known):
            raise UsageError(f"{', '.join(sorted(wrong))}: there is {', '.join(known)}")
    sizes = Sizes()
    if given.repeats:
        sizes = replace(sizes, verdicts=given.repeats, notebooks=given.repeats, commands=given.repeats)
    if given.many:
        few, some, large = given.many // 100 + 1, given.many // 20 + 2, given.many // 10 + 2
        sizes = replace(sizes, few=few, some=some, large=large, many=given.many)
    bench(given.out, given.only, sizes, given.profile, given.against)
    return OK


# --- doctor ----------------------------------------------------------------------------------------------------


def _doctor(given: argparse.Namespace) -> int:
    from grader.sandbox import doctor

    report = doctor.examine()
    print(f"isolation: {report.level}")
    for title, findings in (
        ("\nThis machine", report.machine),
        ("\nMissing for a stronger level", report.missing),
        ("\nThe walls, tried from inside", report.walls),
    ):
        if findings:
            print(title)
        for finding in findings:
            print(f"  {finding.name:<32} {finding.found}{f' -> {finding.mend}' if finding.mend else ''}")
    return OK if report.holds else NOT_PASSED
