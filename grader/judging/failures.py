"""Submissions that gave nothing to measure, and exceptions: what became of them, in the learner's terms."""

from __future__ import annotations

import re
import signal
from typing import NamedTuple

from grader.result import Status
from grader.sandbox.box import WAITING
from grader.sandbox.frames import Answer, Ended, Raised
from grader.sandbox.inside.lockdown import DESCRIPTORS, FOLDER_BYTES, PROCESSES
from grader.sandbox.inside.session import GIVEN
from grader.settings import Settings
from grader.submissions.notebook import brief
from grader.submissions.read import Submission
from grader.submissions.source import MAX_SOURCE, bound_names, missing_names, parse

# An exception that says that something ran out: one of its bases, words of its message, what ran out, and how much
# of it there is.
ENDS = (
    ("MemoryError", "", "memory", "{memory_mib} MiB of address space"),
    ("OSError", "Cannot allocate memory", "memory", "{memory_mib} MiB of address space"),
    ("RuntimeError", "can't start new thread", "threads", f"{PROCESSES} threads and processes"),
    ("OSError", "Resource temporarily unavailable", "processes", f"{PROCESSES} threads and processes"),
    ("OSError", "Too many open files", "files", f"{DESCRIPTORS} open files"),
    ("OSError", "No space left on device", "disk space", f"{FOLDER_BYTES >> 20} MiB of files"),
)
MOST_NAMES = 50  # that are looked for in other cells
CRASHES: dict[int, str] = {
    signal.SIGSEGV: "a segmentation fault",
    signal.SIGABRT: "an abort",
    signal.SIGFPE: "an arithmetic error",
}


class Failure(NamedTuple):
    """What became of a submission: ``line`` is the answer's that raised, 0 if none did."""

    status: Status
    diagnosis: str
    feedback: str
    line: int = 0


def failure(submission: Submission, answer: Answer, first_call: int, settings: Settings) -> Failure | None:
    """None where there are numbers to judge. ``first_call``: the operation that calls the layer for the first time."""
    if answer.ended is Ended.TIMED_OUT:
        return Failure(Status.TIMED_OUT, "too slow", _too_slow(answer, settings))
    if answer.ended is Ended.KILLED:
        if answer.signal == signal.SIGKILL:
            message = f"The system ended the process for want of memory (limit: {settings.memory_mib} MiB)."
            return Failure(Status.KILLED, "out of memory", message)
        how = f" by {CRASHES[answer.signal]}" if answer.signal in CRASHES else ""
        return Failure(Status.KILLED, "killed", f"The process ended{how} before the layer had answered.")
    if answer.raised is not None:
        return _raised(answer.raised, submission, settings, "The cell does not run")
    training = answer.replies[first_call] if first_call < len(answer.replies) else None
    if isinstance(training, Raised) and training.line:
        return _raised(training, submission, settings, "The layer's first call raised")
    for reply in answer.replies:  # of later ones, none of their own words: they may know what is hidden
        if isinstance(reply, Raised) and (spent := ran_out(reply, settings)):
            return Failure(Status.RAISED, f"out of {spent[0]}", f"A call of the layer {_spent(*spent)}.")
    return None


def ran_out(raised: Raised, settings: Settings) -> tuple[str, str] | None:
    """What ran out, and how much of it there is; None where the exception is about something else."""
    for base, words, what, limit in ENDS:
        if base in raised.bases and words in raised.message:
            return what, limit.format(memory_mib=settings.memory_mib)
    return None


def borrowed(submission: Submission) -> str:
    """A sentence on a name that the answer uses, and has from another cell of the notebook alone; else empty. It looks
    at the sources only: no reply may tell which call missed the name."""
    tree = parse(submission.answer) if submission.elsewhere else None
    missing = sorted(missing_names(tree) - GIVEN.keys())[:MOST_NAMES] if tree else []
    left = MAX_SOURCE  # as much code as may be one answer: more takes too much time to be parsed
    for cell in submission.elsewhere:
        if left > 0 and any(name in cell.source for name in missing):
            left -= len(cell.source)
            other = parse(cell.runs)
            for name in sorted(bound_names(other).intersection(missing)) if other else ():
                where = f"'{name}' comes from another cell (cell {cell.index + 1})"
                return f"{where}; the answer runs alone, so define or import it in its own cell."
    return ""


def _too_slow(answer: Answer, settings: Settings) -> str:
    where = "one of the layer's calls" if answer.replies else "the cell, or the layer's first call,"
    limit = f"{settings.timeout_s:g} s of processor time, or {WAITING * settings.timeout_s:g} s of waiting"
    return f"The time limit was hit ({limit}): {where} does not end, or all together take too long."


def _raised(raised: Raised, submission: Submission, settings: Settings, what: str) -> Failure:
    """An exception's last line, and where in their cell it came up."""
    place = submission.place(raised.line)
    words = re.sub(r"\bon line (\d+)\b", lambda m: f"on {submission.place(int(m[1])) or m[0][3:]}", raised.message)
    error = brief(f"{raised.type}{': ' if words else ''}{words}")
    message = f"{what}: {error}{f' ({place})' if place else ''}."
    if "NameError" in raised.bases and (sentence := borrowed(submission)):
        message += f" {sentence}"
    if spent := ran_out(raised, settings):
        return Failure(Status.RAISED, f"out of {spent[0]}", f"{message} It {_spent(*spent)}.", raised.line)
    return Failure(Status.RAISED, "raised", message, raised.line)


def _spent(what: str, limit: str) -> str:
    return f"ran out of {what} (limit, for all layers together: {limit})"
