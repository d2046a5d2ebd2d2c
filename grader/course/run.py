"""A class, from the paths to the last file; goes on where it was interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from grader.course.conditions import Conditions, plain_settings
from grader.course.gradebook import Gradebook, Stored
from grader.course.pool import into_gradebook, read_item
from grader.course.spread import Crew
from grader.errors import DISK_ERRORS, OutputError, UsageError
from grader.exercises.interface import load
from grader.files import own_folder, replacing
from grader.judging.grading import Judge
from grader.report import exports
from grader.report.drawing import Drawing
from grader.report.entries import drawn
from grader.report.marks import absent, strangers
from grader.report.pages import write_report
from grader.report.roster import Roster
from grader.result import Grade, Grading, Status
from grader.sandbox.box import Box
from grader.sandbox.extras import require
from grader.sandbox.seam import Elsewhere
from grader.sandbox.server import ForkServer
from grader.settings import Settings
from grader.submissions.collect import Item, collect
from grader.submissions.read import is_changed
from grader.submissions.task import Task


@dataclass(frozen=True)
class Order:
    """What is to be graded, and what is to come of it.

    ``student_from``: a regular expression that tells from a path whose it is; ``layout``: how the paths are laid out,
    None for as they look; ``png``: figures as PNG too; ``regrade``: also what is graded already; ``roster``: a list of
    the students, to name those who have handed nothing in, and what its ``columns`` are.
    """

    paths: Sequence[Path]
    out: Path = Path("reports")
    student_from: str | None = None
    layout: str | None = None
    figures: bool = True
    png: bool = False
    regrade: bool = False
    roster: Path | None = None
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Ran:
    """How a run ended: of ``total`` submissions so many were ``left``, because Ctrl-C ended it (``interrupted``);
    ``errors``: on so many the grader itself failed; ``page``: the class report, where one was written; ``absent``: who
    has handed nothing in, by the roster; ``strangers``: who has, and is not in it; ``besides``: who is in the gradebook
    from earlier runs, and was not found by this one."""

    total: int
    left: int
    errors: int
    interrupted: bool
    all_passed: bool
    page: Path | None
    absent: Sequence[str] = ()
    strangers: Sequence[str] = ()
    besides: Sequence[str] = ()


class Audience(Protocol):
    """Who is told how a run goes on."""

    def noted(self, line: str) -> None:
        """Of the batch as a whole: what its layout was taken for."""

    def resumed(self, before: int, total: int) -> None:
        """So many of all are graded already."""

    def progress(self, total: int) -> AbstractContextManager[Callable[[Grade], None]]:
        """What is called with each Grade that gets ready."""

    def graded(self, grading: Grading, *, before: bool) -> None:
        """One is in the gradebook, now or from a run ``before``."""

    def not_drawn(self, name: str, error: Exception) -> None: ...

    def finished(self, standing: Callable[[], Iterator[Grading]], total: int, files: Sequence[str]) -> None:
        """All that stands is in these files; ``standing`` goes through it as often as it is called."""


def run_class(
    order: Order, settings: Settings, audience: Audience, first: ForkServer | None = None, crew: Crew | None = None
) -> Ran:
    """Grade a class. ``first``: a server of probes that is underway; ``crew``: who grades, if not this machine.

    Raises ``UsageError`` before anything is graded, ``OutputError`` when results cannot be written any more.
    """
    if order.figures:
        require("report", "--no-figures")
    roster = Roster.read(order.roster, order.columns) if order.roster else None
    notes: list[str] = []
    task = Task.load(load(settings.exercise).handout, settings.task)
    changed = partial(is_changed, task=task)
    chosen = order.student_from, order.layout
    items = collect(order.paths, order.out, *chosen, notes.append, changed, task.handout)
    make_folder(order.out / "figures" if order.figures else order.out)
    for name in ("figures", "executed"):
        if (order.out / name).is_symlink():
            own_folder(order.out, name)
    box = Elsewhere() if crew else Box(settings.isolation, settings.timeout_s, settings.memory_mib, first)
    with Judge(settings, box) as judge, Gradebook(order.out, Conditions.of(settings, judge.task)) as book:
        for line in (*notes, *(crew.notes() if crew else ())):
            audience.noted(line)
        book.follow(items)
        run = _Run(order, judge, book, audience, crew)
        with run.drawing() as drawing:
            todo = run.without_those_graded(items, drawing)
            done, errors, interrupted = run.grade(todo, drawing)
        all_passed = run.finish(items)
        start, besides = judge.task.start, book.besides(items)
    stored = Stored(order.out)
    there = [(item.student, item.student_id) for item in items]
    missing = absent(stored, roster, there) if roster else ()
    others = strangers(stored, roster) if roster else ()
    page = None
    if order.figures:
        defaults = plain_settings(Settings(exercise=settings.exercise))
        page = write_report(stored, order.out, start, defaults, missing, stored.numbered)
    return Ran(len(items), len(todo) - done, errors, interrupted, all_passed, page, missing, others, besides)


def rewrite(folder: Path, roster: Roster | None = None) -> Path:
    """The class report and the pages that have changed, from the gradebook alone; returns the first page."""
    gradings = Stored(folder)
    name = next((grading.grade.exercise for grading in gradings), Settings().exercise)
    planted, defaults = Task.load(load(name).handout).start, plain_settings(Settings(exercise=name))
    missing = absent(gradings, roster) if roster else ()
    return write_report(gradings, folder, planted, defaults, missing, gradings.numbered)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror or error}") from error


@dataclass(frozen=True)
class _Run:
    order: Order
    judge: Judge
    book: Gradebook
    audience: Audience
    crew: Crew | None = None

    def drawing(self) -> AbstractContextManager[Drawing | None]:
        if not self.order.figures:
            return nullcontext()
        settings = plain_settings(self.judge.settings)
        return Drawing(self.judge.settings.jobs, settings, self.order.png, self._not_drawn)

    def without_those_graded(self, items: Sequence[Item], drawing: Drawing | None) -> list[Item]:
        """What is left to do. Only what has a grading is read for that."""
        before = [] if self.order.regrade else [item for item in items if self._is_graded(item)]
        self.book.found(before)
        for item in before:
            if kept := self.book.last(item):
                self._show(item, kept, drawing, before=True)
        names = {item.name for item in before}
        if before:
            self.audience.resumed(len(before), len(items))
        return [item for item in items if item.name not in names]

    def _is_graded(self, item: Item) -> bool:
        known = self.book.last(item) is not None
        return known and self.book.graded(item, read_item(item, self.judge).digest) is not None

    def grade(self, todo: Sequence[Item], drawing: Drawing | None) -> tuple[int, int, bool]:
        """How many were done, on how many of them the grader failed, and whether Ctrl-C ended it. Nothing of what gets
        ready is kept in memory."""
        done = errors = 0
        asked = {"anew": self.order.regrade, "curve": self.order.figures}
        graded = into_gradebook(todo, self.judge, self.book, **asked, crew=self.crew)
        with self.audience.progress(len(todo)) as advance, _ctrl_c() as pressed, suppress(KeyboardInterrupt):
            for item, grading in graded:
                done += 1
                if grading is not None:
                    errors += grading.grade.status is Status.GRADER_ERROR
                    advance(grading.grade)
                    self._show(item, grading, drawing)
                elif kept := self.book.last(item):
                    advance(kept.grade)
                    self._show(item, kept, drawing, before=True)
                if pressed:
                    break
        return done, errors, bool(pressed) and done < len(todo)

    def _show(self, item: Item, grading: Grading, drawing: Drawing | None, *, before: bool = False) -> None:
        """The figure, unless this grading's was drawn before, or nothing was measured. A failure of the grader leaves
        the figure of a verdict which still counts."""
        self.audience.graded(grading, before=before)
        target = self.order.out / "figures" / item.name
        if drawing is None or grading.grade.status is Status.GRADER_ERROR:
            return
        if not drawn(grading.grade):
            for form in ("svg", "png"):
                target.with_name(f"{target.name}.{form}").unlink(missing_ok=True)
        elif not _is_drawn(target, grading, png=self.order.png):
            drawing.hand_in(grading, target)

    def _not_drawn(self, target: Path, error: Exception) -> None:
        """A figure is no verdict, and stops nobody else's; a full disk is everybody's."""
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise OutputError.of(error) from error
        self.audience.not_drawn(target.name, error)

    def finish(self, items: Sequence[Item]) -> bool:
        """Write and tell what the gradebook holds of these submissions, one at a time. Have all that count passed?"""

        def standing() -> Iterator[Grading]:
            return filter(None, map(self.book.last, items))

        out, rules = self.order.out, self.judge.exercise.rules
        try:
            with replacing(out / "results.csv") as scratch, exports.text(scratch) as stream:
                exports.write_csv((exports.flat_row(grading) for grading in standing()), stream, rules)
            with replacing(out / "results.json") as scratch, exports.text(scratch) as stream:
                exports.write_json((grading.to_dict() for grading in standing()), stream)
        except OSError as error:
            raise OutputError.of(error) from error
        files = [self.book.path.name, "results.csv", "results.json"]
        if self.order.figures:
            files += ["figures/", "submissions/ (a page each, for you)", "feedback/ (the same, for the student)"]
        files += ["executed/"] * (self.judge.settings.execute == "full")
        self.audience.finished(standing, len(items), files)
        return all(grading.grade.passed for grading in standing() if grading.counted)


def _is_drawn(target: Path, grading: Grading, *, png: bool) -> bool:
    """A grader that was killed may have left the figure of an earlier grading, or none."""
    forms = ("svg", "png") if png else ("svg",)
    return all(exports.has_stamp(target.with_name(f"{target.name}.{form}"), grading.stamp) for form in forms)


@contextmanager
def _ctrl_c() -> Iterator[list[bool]]:
    """KeyboardInterrupt as usual, and a list that is no longer empty: Python drops an exception that comes up in the
    callback of a weak reference, and then the list is what remains of it."""
    pressed: list[bool] = []
    if threading.current_thread() is not threading.main_thread():  # which alone hears of Ctrl-C
        yield pressed
        return

    def note(signum: int, frame: object) -> None:
        pressed.append(True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
