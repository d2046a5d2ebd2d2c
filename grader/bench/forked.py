"""What the walls are compared with: the same program in a fork of this warm process, without any."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

from grader.sandbox.account import Account
from grader.sandbox.box import converse
from grader.sandbox.frames import Answer, Conversation, Further, Program
from grader.sandbox.inside import worker
from grader.sandbox.scratch import work_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode


class ForkedBox:
    """Takes the place of ``sandbox.box.Box`` in a Grader. Only for sources that are trusted."""

    isolation = "none"
    timeout_s = 30.0

    def __init__(self) -> None:
        worker.warm()
        gc.collect()
        gc.freeze()  # as the fork server does

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        with work_folder() as work:
            return self._run_in(work, program, further)

    def _run_in(self, work: str, program: Program, further: Further | None) -> Answer:
        pipes = [os.pipe() for _ in range(3)]
        child = os.fork()
        if child == 0:
            try:
                for number, end in enumerate((pipes[0][0], pipes[1][1], pipes[2][1])):
                    os.dup2(end, number)
                os.closerange(3, 256)
                os.chdir(work)
                worker.serve()
            finally:
                os._exit(1)
        theirs, ours = (pipes[0][0], pipes[1][1], pipes[2][1]), (pipes[0][1], pipes[1][0], pipes[2][0])
        for end in theirs:
            os.close(end)
        with (
            os.fdopen(ours[0], "wb", 0) as stdin,
            os.fdopen(ours[1], "rb", 0) as stdout,
            os.fdopen(ours[2], "rb", 0) as stderr,
        ):
            answer = converse(stdin, stdout, stderr, Conversation(program, further), self.timeout_s)
        os.kill(child, signal.SIGKILL)  # where there was nothing more to ask, it waits for a question
        os.waitpid(child, 0)
        return answer

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        raise NotImplementedError("notebooks are measured in a forked kernel (``runner``)")

    def close(self) -> None:
        """Nothing is kept open."""
