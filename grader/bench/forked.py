"""What the walls are compared with: the same program in a fork of this warm process, without any."""

from __future__ import annotations

import gc
import os

from grader.sandbox import worker
from grader.sandbox.box import converse
from grader.sandbox.frames import Answer, Program, encode_requests, read_answer, reply_limit


class ForkedBox:
    """Takes the place of ``sandbox.box.Box`` in a Grader. Only for sources that are trusted."""

    isolation = "none"
    timeout_s = 30.0

    def __init__(self) -> None:
        worker.warm()
        gc.collect()
        gc.freeze()  # as the fork server does

    def run(self, program: Program) -> Answer:
        pipes = [os.pipe() for _ in range(3)]
        child = os.fork()
        if child == 0:
            try:
                for number, end in enumerate((pipes[0][0], pipes[1][1], pipes[2][1])):
                    os.dup2(end, number)
                os.closerange(3, 256)
                worker.serve()
            finally:
                os._exit(1)
        theirs, ours = (pipes[0][0], pipes[1][1], pipes[2][1]), (pipes[0][1], pipes[1][0], pipes[2][0])
        for end in theirs:
            os.close(end)
        requests, limit = encode_requests(program), reply_limit(program)
        with (
            os.fdopen(ours[0], "wb", 0) as stdin,
            os.fdopen(ours[1], "rb", 0) as stdout,
            os.fdopen(ours[2], "rb", 0) as stderr,
        ):
            talk = converse(stdin, stdout, stderr, requests, self.timeout_s, limit)
        os.waitpid(child, 0)
        return read_answer(talk, len(program.operations))

    def close(self) -> None:
        """Nothing is kept open."""
