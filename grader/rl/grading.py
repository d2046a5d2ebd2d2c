"""The grader of rewards: behind walls always, asked no more than a verdict needs, and fair to who had to wait.

An answer has ``TIMEOUT_S`` of processor time, as its prompt says, and at first no more by the clock, so that one that
sleeps is soon out of the way. Whom the clock stopped while it waited for a processor is judged once more, with four
times as much of the clock, before that is a 0: the machine was busy. The kernel says who waited and who slept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from grader.api import Grader, Settings
from grader.errors import IsolationError
from grader.rl.instance import TIMEOUT_S, Instance
from grader.rl.judge import Judged, judge
from grader.sandbox.account import Account
from grader.sandbox.box import NEARLY, WAITING, Box
from grader.sandbox.frames import Answer, Ended, Further, Program
from grader.sandbox.seam import Sandbox
from grader.sandbox.server import NONE

if TYPE_CHECKING:
    from nbformat import NotebookNode


QUEUED = 0.1  # of the clock: who waited less for a processor had its share


class Limited(Sandbox, Protocol):
    """A sandbox that says what its limit is, as ``Box`` does."""

    timeout_s: float


class _Here(threading.local):
    patient = starved = False


class Watched:
    """A ``Box`` with less patience, and a memory, for each thread, of children that the clock stopped in a queue."""

    def __init__(self, box: Limited, waiting_s: float | None = None) -> None:
        """``waiting_s``: by the clock, at first; as much as of processor time, if not said."""
        self._box, self._here = box, _Here()
        self._waiting_s = waiting_s or box.timeout_s
        self.isolation = box.isolation

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        account = account or Account.of_submission(WAITING * self._box.timeout_s)
        if not self._here.patient:
            account = account.part(account.bytes, seconds=self._waiting_s)
        answer = self._box.run(program, further, account)
        if answer.ended is Ended.TIMED_OUT and answer.cpu_s < NEARLY * self._box.timeout_s:
            queued = answer.queued_s is None or answer.queued_s > QUEUED * self._waiting_s
            self._here.starved = self._here.starved or queued
        return answer

    def judge(self, task: Instance, files: Mapping[str, str], grader: Grader, patient: bool) -> tuple[Judged, bool]:
        """The judgement, and whether it is a 0 that may be a busy machine's doing; ``patient``: it may not."""
        self._here.patient, self._here.starved = patient, False
        try:
            judged = judge(task, files, grader)
            return judged, self._here.starved and judged.value == 0.0 and not patient
        finally:
            self._here.patient = False

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        return self._box.run_notebook(cells, account)

    def close(self) -> None:
        self._box.close()


class RewardGrader(Grader):
    """A grader for rewards; a context manager, because it keeps a sandbox. Several threads may use it."""

    def __init__(self, timeout_s: float = TIMEOUT_S, isolation: str = "auto") -> None:
        """``timeout_s``: of processor time, for each layer that is judged and each code that is executed.

        Raises ``IsolationError`` where there are no walls: there a model's code could import the reference.
        """
        if isolation == NONE:
            raise IsolationError("an environment for training has walls: isolation is 'auto' or 'required', not 'none'")
        settings = Settings(execute="none", evidence="enough", timeout_s=timeout_s, isolation=isolation)
        box = Box(settings.isolation, settings.timeout_s, settings.memory_mib)
        if box.isolation == NONE:
            box.close()
            raise IsolationError("there are no walls here, and without them a model's code could import the reference")
        self.watched = Watched(box)
        super().__init__(settings, self.watched)

    def once(self, task: Instance, files: Mapping[str, str], *, patient: bool) -> tuple[Judged, bool]:
        """One judgement, and whether a second, patient one is due."""
        return self.watched.judge(task, files, self, patient)

    def reward(self, task: Instance, files: Mapping[str, str]) -> Judged:
        """The judgement that counts."""
        judged, again = self.once(task, files, patient=False)
        return self.once(task, files, patient=True)[0] if again else judged
