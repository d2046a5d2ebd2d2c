"""A sandbox that is none, for layers of our own: in tests, and to measure how sure the verdict is."""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from grader.sandbox.account import Account
from grader.sandbox.frames import Answer, Ended, Further, Program, Questions, read_reply
from grader.sandbox.inside import session, worker
from grader.sandbox.inside.handed import Handed

if TYPE_CHECKING:
    from nbformat import NotebookNode


class InProcessBox:
    """Takes the place of ``sandbox.box.Box`` in a Grader, and runs our own layers in this process: thousands of
    gradings take minutes. Never for a submission."""

    isolation = "none"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept open."""

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        raise NotImplementedError("a notebook wants a kernel of its own")

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        np.random.seed(program.seed % 2**32)  # noqa: NPY002 (the state that layers draw from)
        random.seed(program.seed)
        hushed = io.StringIO()
        with (
            contextlib.ExitStack() as stack,
            contextlib.redirect_stdout(hushed),
            contextlib.redirect_stderr(hushed),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            stack.callback(sys.modules.pop, program.module, None)
            try:
                answer, run = session.prepare(program.source, program.module)
                run()
            except BaseException as error:
                return Answer(Ended.DONE, _reply(worker.RAISED, session.describe(error)), (), "")
            objects: dict[int, Any] = {}
            handed: list[Handed] = []
            arrays: list[Any] = []
            replies: list[Any] = []
            asked: Program | Questions | None = program
            while asked is not None:
                arrays += asked.arrays
                for operation in json.loads(json.dumps(asked.operations)):
                    replies.append(_reply(*worker.perform(operation, answer, objects, arrays, handed)))
                asked = further(replies) if further else None
        return Answer(Ended.DONE, None, tuple(replies), "")


def _reply(kind: int, *parts: bytes) -> Any:
    return read_reply(kind, memoryview(b"".join(parts)))
