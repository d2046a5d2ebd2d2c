"""The figures of a batch, drawn by processes of their own while grading goes on."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from grader import processes
from grader.files import replacing
from grader.result import Grade, Grading

WAITING = 8  # figures that are not drawn yet: beyond, grading waits, or they would all be drawn at the end, by one core


def draw(
    grade: Grade, target: Path, settings: Mapping[str, Any], *, png: bool, stamp: str = "", student: str = ""
) -> None:
    """Write the figure to ``target`` with the form's ending; whole or not at all, with the grading's stamp."""
    from grader.report import figures, template

    forms = {"svg": template.svg(grade, settings, student, stamp)}
    if png:
        name, words = figures.verdict_line(grade, student), figures.description(grade, student)
        forms["png"] = figures.render(figures.figure(grade, settings, student), "png", name, words, stamp)
    for form, drawn in forms.items():
        with replacing(target.with_name(f"{target.name}.{form}")) as scratch:
            scratch.write_bytes(drawn)


def _draw(grading: Grading, target: Path, settings: Mapping[str, Any], *, png: bool) -> None:
    draw(grading.grade, target, settings, png=png, stamp=grading.stamp, student=grading.student)


def redraw(gradings: Iterable[Grading], folder: Path) -> None:
    """Those of these that are gone, here and now, unless the class was graded without figures. One that cannot be
    drawn, of which whoever graded was told, is no page's end."""
    for grading in gradings if (folder / "figures").is_dir() else ():
        target = folder / "figures" / grading.grade.submission
        with suppress(Exception):
            draw(grading.grade, target, grading.settings, png=False, stamp=grading.stamp, student=grading.student)


class Drawing:
    """Draws elsewhere; a context manager, at whose end all is drawn.

    ``failed`` is called, by the thread that hands figures in, with the target and the error of one that could not be.
    """

    def __init__(
        self, jobs: int, settings: Mapping[str, Any], png: bool, failed: Callable[[Path, Exception], None]
    ) -> None:
        self._pool = processes.start(max(1, jobs // 2), processes.follow_parent)  # one keeps up with two that grade
        self._draw = functools.partial(_draw, settings=settings, png=png)
        self._failed = failed
        self._waiting: deque[tuple[Future[None], Grading, Path]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            while self._waiting:
                self._settle()
        finally:
            processes.stop(self._pool)

    def hand_in(self, grading: Grading, target: Path) -> None:
        drawn = processes.submit(self._pool, self._draw, grading, target)
        self._waiting.append((drawn, grading, target))
        while len(self._waiting) > WAITING or (self._waiting and self._waiting[0][0].done()):
            self._settle()

    def _settle(self) -> None:
        """Wait for the figure that has waited longest; where its process was killed, draw it here."""
        future, grading, target = self._waiting.popleft()
        try:
            if isinstance(future.exception(), BrokenProcessPool):
                self._draw(grading, target)
            else:
                future.result()
        except Exception as error:
            self._failed(target, error)
