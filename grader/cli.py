"""The command line: parse, call the API, one line for a known error."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import Field, fields
from functools import partial
from pathlib import Path
from typing import Any

from grader.course import commands as course
from grader.course.versions import VERSION
from grader.errors import GRADER_FAILED, INTERRUPTED, NOT_PASSED, OK, USAGE, GraderError, OutputError, UsageError
from grader.exercises.interface import Exercise, load, options
from grader.report import streams
from grader.report.words import Parser, in_words, kind, number, whole
from grader.rl import commands as training
from grader.sandbox.extras import require
from grader.settings import EVIDENCE, EXECUTE, FEEDBACK, ISOLATION, Settings


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    streams.prepare()
    code: int = OK
    words = sys.argv[1:] if words is None else words
    try:
        parser = _parser(_exercise(words))
        if not words:
            parser.print_help()
            return OK
        if "" in words:  # as a path it would be the working folder
            raise UsageError("one of the words is empty: a variable without a value? This folder is .")
        arguments = parser.parse_args(words)
        code = arguments.run(arguments) if hasattr(arguments, "run") else _call(**vars(arguments))
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


def _call(call: Callable[..., int], **given: Any) -> int:
    """A command that another room brings gets what was given as arguments of its own."""
    return call(**given)


def _failed(error: object, code: int) -> int:
    streams.say(f"grader: {error}")
    streams.give_up()
    return code


# One option for each field of Settings, under the same name and with the same default (a test asserts it); the
# exercise's own options come from its ``Options``.
OPTIONS: dict[str, dict[str, Any]] = {
    "exercise": {"metavar": "NAME", "help": "which exercise it is"},
    "require_explanation": {
        "action": "store_true",
        "help": "fail a submission without a written explanation",
    },
    "feedback": {"choices": FEEDBACK, "help": "sentences that teach, or only which rules failed"},
    "evidence": {"choices": EVIDENCE, "help": "ask everything, or only until the verdict is sure"},
    "timeout_s": {
        "type": number,
        "metavar": "S",
        "help": "processor time that an answer may take, and four times as much by the clock",
    },
    "memory_mib": {"type": whole, "metavar": "MIB", "help": "address space of each run of a submission"},
    "seed": {"type": whole, "metavar": "N", "help": "replay a grading: the seed that its result records"},
    "execute": {"choices": EXECUTE, "help": "run the whole notebook as evidence, or judge the answer only"},
    "isolation": {"choices": ISOLATION, "help": "how submissions are kept apart from this machine"},
    "task": {"type": Path, "metavar": "NOTEBOOK", "help": "a teacher's own version of the task notebook"},
    "jobs": {"type": whole, "metavar": "N", "help": "submissions graded at the same time"},
}


def _exercise(words: Sequence[str] | None) -> Exercise:
    """The one that the command line names: its options are part of the command line."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--exercise", default=Settings().exercise)
    name: str = first.parse_known_args(words)[0].exercise
    return load(name)


def _parser(exercise: Exercise) -> argparse.ArgumentParser:
    parser = Parser(prog="python -m grader", description=f"{exercise.title}: the task, and its grader.")
    parser.add_argument("--version", action="version", version=f"grader {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="grade the planted bug and the reference, with their figures")
    demo.add_argument("--out", type=Path, default=Path("reports/demo"), metavar="DIR", help="default: %(default)s")
    demo.add_argument("--seed", type=whole, metavar="N")
    demo.set_defaults(run=_demo)
    new = commands.add_parser("new", help="set the task up in a folder")
    new.add_argument("workspace", type=Path, metavar="WORKSPACE")
    new.add_argument("--form", choices=("notebook", "script"), default="notebook", help="default: %(default)s")
    told = [field for field in fields(exercise.Options) if field.metadata.get("told")]
    for field in told:
        _add_own(new, field)
    new.set_defaults(run=partial(_new, told))
    with suppress(ModuleNotFoundError):  # what measures the grader stays out of the wheel
        from grader.bench import command

        command.add_to(commands)
    training.add_to(commands)
    course.add_to(commands)
    doctor = commands.add_parser("doctor", help="say how submissions are kept apart here, and try the walls")
    doctor.set_defaults(run=_doctor)
    grade = commands.add_parser("grade", help="grade notebooks, scripts, workspaces or folders of them")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    grade.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s")
    grade.add_argument("--student-from", metavar="REGEX", help="whose it is, from the path: a group (?P<student>…)")
    grade.add_argument("--layout", metavar="NAME", help="canvas, moodle, folders, … (default: as they look)")
    grade.add_argument("--png", action="store_true", help="figures as PNG too")
    grade.add_argument("--no-figures", dest="figures", action="store_false", help="no figures and no pages")
    grade.add_argument("--regrade", action="store_true", help="grade again what is graded; the history is kept")
    grade.add_argument("--quiet", action="store_true", help="no progress and no table: the count line, and errors")
    grade.add_argument("--json-lines", action="store_true", help="on standard output, one JSON object a grading")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="Dask's, as tcp://host:8786: its workers grade")
    grade.add_argument("--check", action="store_true", help="exit 1 if a submission did not pass")
    course.with_roster(grade)
    for field in fields(exercise.Options):
        _add_own(grade, field)
    defaults = Settings()
    for name, option in OPTIONS.items():
        _add(grade, name, getattr(defaults, name), option)
    grade.set_defaults(run=partial(_grade, exercise))
    return parser


def _add_own(parser: argparse.ArgumentParser, field: Field[Any]) -> None:
    """An option of the exercise's."""
    about = field.metadata
    parse = kind(about["parse"], in_words(field.default))
    _add(parser, field.name, field.default, {"type": parse, "metavar": about["metavar"], "help": about["help"]})


def _add(parser: argparse.ArgumentParser, name: str, default: Any, option: dict[str, Any]) -> None:
    shown = _shown(default)
    text = option["help"] + ("" if shown in (None, False) else f" (default: {shown})")
    parser.add_argument(f"--{name.replace('_', '-')}", default=default, **{**option, "help": text})


def _shown(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


# --- new -------------------------------------------------------------------------------------------------------


def _new(told: Sequence[Field[Any]], arguments: argparse.Namespace) -> int:
    from grader.api import setup_task_files

    own = {field.name: getattr(arguments, field.name) for field in told}
    files = setup_task_files(arguments.workspace, arguments.form, options=own)
    print("\n".join(f"wrote {path}" for path in files))
    if arguments.form == "script":
        print(f"Repair the class in {files[0]}; python {files[1].name} (in that folder) checks it.")
    else:
        print(f"Open it with: jupyter lab {files[0]}")
    changed = [f" --{each.name} {_shown(own[each.name])}" for each in told if own[each.name] != each.default]
    task = files[0] if arguments.form == "notebook" else "A_NOTEBOOK_WITH_THESE_OPTIONS"
    more = "".join(changed) + (f" --task {task}" if changed else "")
    print(f"Grade it with: python -m grader grade {arguments.workspace}{more}")
    return OK


# --- grade -----------------------------------------------------------------------------------------------------


def _grade(exercise: Exercise, arguments: argparse.Namespace) -> int:
    from grader import processes
    from grader.sandbox.server import underway

    own = {field.name: getattr(arguments, field.name) for field in fields(exercise.Options)}
    try:
        settings = Settings(options=own, **{name: getattr(arguments, name) for name in OPTIONS})
    except ValueError as error:
        raise UsageError(str(error)) from error
    options(exercise, own)
    processes.skip_address_grammar()
    with ExitStack() as stack:
        crew = first = None
        if arguments.scheduler is not None:
            from grader.course.executors import connected

            crew = stack.enter_context(connected(arguments.scheduler))
        else:  # it starts while numpy is imported here
            first = stack.enter_context(underway(settings.isolation, settings.memory_mib))
        from grader.course.run import Order, run_class
        from grader.report.terminal import Terminal

        order = Order(**{field.name: getattr(arguments, field.name) for field in fields(Order)})
        ran = run_class(order, settings, Terminal(arguments.out, arguments.quiet, arguments.json_lines), first, crew)
    if ran.page is not None and not (arguments.quiet or arguments.json_lines):
        print(f"The class at a glance: {ran.page}")
    if ran.strangers and not arguments.json_lines:
        print(f"Handed in, and not in the roster under this name or number: {'; '.join(ran.strangers)}")
    if ran.absent and not arguments.json_lines:
        print(f"Nothing handed in: {'; '.join(ran.absent)}")
    if ran.besides and not arguments.json_lines:
        print(
            f"From earlier runs, and not handed in this time: {'; '.join(ran.besides)}. The class page and exports have"
            " them, results.csv does not; another --out leaves them out."
        )
    if ran.interrupted:
        message = f"Interrupted: {ran.left} of {ran.total} were not graded"
        again = "the same command without --regrade" if arguments.regrade else "the same command"
        print(f"{message}; {again} goes on from there.", file=sys.stderr)
        return INTERRUPTED
    if ran.errors:
        message = f"The grader failed on {ran.errors}; earlier verdicts stand"
        print(f"{message}, and the same command tries again what failed.", file=sys.stderr)
        return GRADER_FAILED
    return OK if ran.all_passed or not arguments.check else NOT_PASSED


# --- demo ------------------------------------------------------------------------------------------------------


def _demo(arguments: argparse.Namespace) -> int:
    """The brief's quick test: the prompt, the planted bug fails, the reference passes, a figure for each."""
    from grader.api import TASK_PROMPT, Grader, draw_figure, make_folder
    from grader.judging.demo import PUBLISHED_N, graded_examples

    require("report")
    print(TASK_PROMPT)
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    make_folder(arguments.out)
    as_expected, files = True, []
    with Grader(Settings(execute="none", seed=seed)) as grader:
        chart = grader.exercise.chart
        for example, grade in graded_examples(grader, seed):
            print(f"\n{example.name}: {'pass' if grade.passed else 'fail'}\n  {grade.feedback}")
            print(f"  seed {seed}, n = {PUBLISHED_N:,} at each published place")
            for point in (point for point in grade.curve if point.n == PUBLISHED_N):
                print(
                    f"  {chart.x.label.partition(',')[0]} = {point.x:g}: {chart.quantity} = {point.y:.4f} ± "
                    f"{point.standard_error:.4f}, {chart.error} {point.measured_error:.1%} "
                    f"(theory {abs(example.law(point.x) / point.expected - 1):.1%})"
                )
            target = arguments.out / example.name.replace(" ", "-")
            draw_figure(grade, target, png=True)
            files.append(f"{target}.svg")
            as_expected &= grade.passed is example.passes
    print(f"\nFigures: {' and '.join(files)}")
    return OK if as_expected else GRADER_FAILED


# --- doctor ----------------------------------------------------------------------------------------------------


def _doctor(arguments: argparse.Namespace) -> int:
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
