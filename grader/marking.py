"""``python -m grader grade``: a class, from the paths to the last file; goes on where it was interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from grader import processes
from grader.batch import into_gradebook
from grader.content import fingerprint
from grader.errors import DISK_ERRORS, GRADER_FAILED, INTERRUPTED, NOT_PASSED, OK, OutputError, UsageError
from grader.files import replacing
from grader.gradebook import FILE, Conditions, Gradebook, Stored, plain_defaults
from grader.grading import Grader
from grader.intake import Item, collect
from grader.report import exports, terminal
from grader.report.drawing import Drawing
from grader.result import Grading, Status, count_line
from grader.sandbox.box import Box
from grader.sandbox.server import ForkServer
from grader.settings import Settings


def mark(given: argparse.Namespace, settings: Settings, first: ForkServer | None) -> int:
    """Returns the exit code. ``first``: a server of probes that is underway."""
    processes.ours_alone()
    items = collect(given.paths, given.out, given.student_from)
    make_folder(given.out / "figures" if given.figures else given.out)
    box = Box(settings.isolation, settings.timeout_s, settings.memory_mib, first)
    with (
        Grader(settings, box) as grader,  # a wrong task or isolation is said before anything is graded
        Gradebook(given.out, Conditions.of(settings, grader.task)) as book,
        Drawing(settings.jobs, settings.tolerance, given.png, _not_drawn)
        if given.figures
        else nullcontext() as drawing,
    ):
        before = [] if given.regrade else [item for item in items if book.graded(item, fingerprint(item))]
        book.found(before)
        for item in before:
            if kept := book.last(item):
                _show(item, kept, given, drawing, before=True)
        names = {item.name for item in before}
        todo = [item for item in items if item.name not in names]
        if len(todo) < len(items):
            says = f"{len(items) - len(todo)} of {len(items)} were graded before (same content, settings and version)"
            print(f"{says}; grading {len(todo)}", file=sys.stderr)
        graded = into_gradebook(todo, grader, book, anew=given.regrade, curve=given.figures)
        done, errors, interrupted = _watch(graded, len(todo), book, given, drawing)
        all_passed = _finish(items, book, given)
    if given.figures:
        from grader.report.pages import write_report

        page = write_report(Stored(given.out), given.out, grader.task.start, plain_defaults(), anew=False)
        if not (given.quiet or given.json_lines):
            print(f"The class at a glance: {page}")
    if interrupted:
        says = f"Interrupted: {len(todo) - done} of {len(items)} were not graded"
        print(f"{says}; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    if errors:
        says = f"The grader failed on {errors}; earlier verdicts stand"
        print(f"{says}, and the same command tries again what failed.", file=sys.stderr)
        return GRADER_FAILED
    return OK if all_passed or not given.check else NOT_PASSED


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror or error}") from error


def _watch(
    graded: Iterable[tuple[Item, Grading | None]],
    total: int,
    book: Gradebook,
    given: argparse.Namespace,
    drawing: Drawing | None,
) -> tuple[int, int, bool]:
    """Show what gets ready: how many did, on how many of them the grader failed, and whether Ctrl-C ended it. Nothing
    of it is kept in memory."""
    done = errors = 0
    quiet = given.quiet
    with (
        _reader_told(),
        terminal.progress(total, quiet=quiet) as advance,
        _ctrl_c() as pressed,
        suppress(KeyboardInterrupt),
    ):
        for item, grading in graded:
            done += 1
            if grading is not None:
                errors += grading.grade.status is Status.GRADER_ERROR
                advance(grading.grade)
                _show(item, grading, given, drawing)
            elif kept := book.last(item):
                _show(item, kept, given, drawing, before=True)
            if pressed:
                break
    return done, errors, bool(pressed) and done < total


def _show(
    item: Item, grading: Grading, given: argparse.Namespace, drawing: Drawing | None, *, before: bool = False
) -> None:
    """The figure, unless this grading's was drawn before, and the line for a script. A failure of the grader has no
    figure: it would take the place of that of a verdict which still counts."""
    if given.json_lines:
        terminal.print_json_line(grading, graded_before=before)
    target = given.out / "figures" / item.name
    failed = grading.grade.status is Status.GRADER_ERROR
    if drawing and not failed and not _is_drawn(target, grading, png=given.png):
        drawing.hand_in(grading, target)


def _not_drawn(target: Path, error: Exception) -> None:
    """A figure is no verdict, and stops nobody else's; a full disk is everybody's."""
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        raise OutputError.of(error) from error
    says = f"written: {error.strerror}" if isinstance(error, OSError) else f"drawn: {error!r}"
    print(f"{target.name}: its figure cannot be {says}", file=sys.stderr)


def _is_drawn(target: Path, grading: Grading, *, png: bool) -> bool:
    """A grader that was killed may have left the figure of an earlier grading, or none."""
    forms = ("svg", "png") if png else ("svg",)
    return all(exports.bears(target.with_name(f"{target.name}.{form}"), grading.stamp) for form in forms)


def _finish(items: Sequence[Item], book: Gradebook, given: argparse.Namespace) -> bool:
    """Write and print what the gradebook holds of these submissions, one at a time. Have all that count passed?"""

    def standing() -> Iterator[Grading]:
        return filter(None, map(book.last, items))

    try:
        with replacing(given.out / "results.csv") as scratch, exports.text(scratch) as stream:
            exports.write_csv((grading.row() for grading in standing()), stream)
        with replacing(given.out / "results.json") as scratch, exports.text(scratch) as stream:
            exports.write_json((grading.to_dict() for grading in standing()), stream)
    except OSError as error:
        raise OutputError.of(error) from error
    if not given.json_lines:
        if not given.quiet:
            terminal.print_table(standing(), len(items))
            print()
        print(count_line(grading.grade for grading in standing() if grading.counted))
    if not (given.json_lines or given.quiet):
        more = ["figures"] * given.figures + ["executed notebooks"] * (given.execute == "full")
        print(f"In {given.out}/: {', '.join([FILE, 'results.csv', 'results.json', *more])}")
    return all(grading.grade.passed for grading in standing() if grading.counted)


@contextmanager
def _reader_told() -> Iterator[None]:
    """As with | head: not everything is graded, and that is no success."""
    try:
        yield
    except BrokenPipeError as error:
        says = "nobody reads the output any more; what was graded is kept"
        raise OutputError(f"{says}, and the same command goes on from there") from error


@contextmanager
def _ctrl_c() -> Iterator[list[bool]]:
    """KeyboardInterrupt as usual, and a list that is no longer empty: Python drops an exception that comes up in the
    callback of a weak reference, and then the list is what remains of it."""
    pressed: list[bool] = []

    def note(signum: int, frame: object) -> None:
        pressed.append(True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
