"""Submissions that gave nothing to measure: what became of them, in the learner's terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.notebook import brief
from grader.result import Status
from grader.sandbox.frames import Answer, Ended, Raised
from grader.settings import Settings
from grader.source import MAX_SOURCE, bound_names
from grader.submission import Submission


def failure(submission: Submission, answer: Answer, settings: Settings) -> tuple[Status, str, str] | None:
    """Status, name and sentence; None where there are numbers to judge."""
    limit = f"{settings.timeout_s:g} s"
    if answer.ended is Ended.TIMED_OUT:
        where = "one of the layer's calls" if answer.replies else "the cell, or the layer's first call,"
        return Status.TIMED_OUT, "timed out", f"The time limit of {limit} was hit: {where} does not end."
    if answer.ended is Ended.KILLED:
        says = f"The process ended before the layer had answered (limits: {limit}, {settings.memory_mib} MiB)."
        return Status.KILLED, "killed", says
    if answer.raised is not None:
        return Status.RAISED, "raised", _told(answer.raised, submission, "The cell does not run")
    training = [reply for reply in answer.replies[1:2] if isinstance(reply, Raised)]
    if training and training[0].line:  # the very first call of the layer
        return Status.RAISED, "raised", _told(training[0], submission, "The layer's first call raised")
    return None


def _told(raised: Raised, submission: Submission, what: str) -> str:
    """An exception's last line, and where in their cell it came up."""
    place = submission.place(raised.line)
    error = brief(f"{raised.type}{': ' if raised.message else ''}{raised.message}")
    says = f"{what}: {error}{f' ({place})' if place else ''}."
    missing = raised.message.split("'")[1] if raised.type == "NameError" and raised.message.count("'") >= 2 else ""
    if missing and any(missing in bound_names(source) for source in _first_that_hold(missing, submission.elsewhere)):
        says += f" '{missing}' comes from another cell; the answer runs alone, so define or import it in its own cell."
    return says


def _first_that_hold(name: str, sources: Sequence[str]) -> Iterator[str]:
    """As much code as may be one answer: more costs too much time to be parsed."""
    left = MAX_SOURCE
    for source in sources:
        left -= len(source) if name in source else 0
        if name in source and left >= 0:
            yield source
