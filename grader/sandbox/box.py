"""The trusted side of the sandbox: starts a child, hands it a program, reads back numbers, and always ends.

This is the one seam to code that we do not trust. Levels of isolation are a closed set: ``full`` (a bubblewrap box,
and for each child namespaces of its own, Landlock, seccomp, limits), ``process`` (no namespaces) and ``none`` (a plain
process with limits, which keeps accidents away from the grader and not malice).
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Self

from grader.errors import IsolationError, SandboxError
from grader.sandbox.account import Account
from grader.sandbox.extras import require
from grader.sandbox.frames import (
    OUTPUT_BYTES,
    Answer,
    Conversation,
    Ended,
    Further,
    Program,
)
from grader.sandbox.mounts import INSIDE, python
from grader.sandbox.remedies import remedy
from grader.sandbox.scratch import work_folder
from grader.sandbox.server import CHOICES, NONE, ForkServer, environment

if TYPE_CHECKING:
    from nbformat import NotebookNode

WORKER = INSIDE / "worker.py"
WAITING = 4  # times the limit of processor time, by the clock: layers may wait, and machines be busy
NEARLY = 0.6  # of the limit of processor time: the kernel counts ticks, and on a busy machine too many
END_S = 0.2  # a child ends a moment after its replies, and a server that is killed a moment after its child
PIPE_BYTES = CHUNK_BYTES = 1 << 20  # what an ordinary user may ask for, and what is read at once


class Box:
    """Runs programs under limits. ``isolation`` says which level is in force."""

    def __init__(self, isolation: str, timeout_s: float, memory_mib: int, first: ForkServer | None = None) -> None:
        """``timeout_s``: of processor time for each process of a program, by the clock ``WAITING`` times as much;
        ``isolation``: a level, "auto" for the strongest that works here, "required" for ``full`` and no other;
        ``first``: a server of probes that is underway (see ``server.underway``).

        Raises ``IsolationError`` with what is missing.
        """
        if os.name != "posix":
            raise IsolationError("submissions are run on Linux and macOS; on Windows, use WSL")
        self.timeout_s = timeout_s
        self.memory_mib = memory_mib
        self._servers: dict[str, ForkServer] = {}
        self._first = first
        self._starting = threading.Lock()
        self.isolation = self._strongest(CHOICES[isolation])

    def _strongest(self, levels: tuple[str, ...]) -> str:
        """The first level at which a program really runs."""
        if sys.platform != "linux" and levels != (NONE,):
            raise IsolationError("isolation needs Linux (on Windows: WSL); here there is only --isolation none")
        missing = {}
        for level in levels:
            self.isolation = level
            try:
                if level != NONE and self.run(Program("", [], [], seed=0)).ended is not Ended.DONE:
                    raise SandboxError("an empty program did not come to its end")
                return level
            except (SandboxError, OSError) as error:
                missing[level] = str(error)
                self.close()
        lines = [f"\n  level {level}: {reason} -> {remedy(reason)}" for level, reason in missing.items()]
        raise IsolationError(f"isolation cannot be had (python -m grader doctor says more){''.join(lines)}", missing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork servers; they are started again when they are needed."""
        while self._servers:
            self._servers.popitem()[1].close()

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        """Run one program to its end, its deadline or its death. ``further`` is told the replies when all are in, and
        has more to ask or not; ``account``: whose seconds go by. Raises ``SandboxError`` if no child got ready."""
        talk = self._talk_to_process if self.isolation == NONE else self._talk_to_fork
        within_s = min(WAITING * self.timeout_s, math.inf if account is None else account.seconds_left)
        answer = talk(Conversation(program, further), within_s)
        if answer.ended is Ended.KILLED and self.isolation != NONE and self._servers["probe"].ends_within(END_S):
            raise SandboxError("the fork server ended under a child: what the child said is not a verdict's ground")
        return answer

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        """Execute a notebook's cells, given as (kind, source); see ``execution.execute``."""
        require("notebook", "--execute none")
        from grader.sandbox import execution, provisioning

        account = account or Account.of_submission(self.timeout_s)
        if self.isolation == NONE:
            with work_folder() as work:
                start = provisioning.plain(environment(work), work, self._limits(execution.STARTUP_S))
                return execution.execute(cells, start, f"{work}/k", self.timeout_s, account)
        executed = self._execute_in_fork(cells, account)
        return executed if self._servers["kernel"].is_alive() else self._execute_in_fork(cells, account)

    def _execute_in_fork(self, cells: list[tuple[str, str]], account: Account) -> tuple[NotebookNode, str]:
        from grader.sandbox import execution, provisioning

        server, limits = self._server("kernel"), self._limits(execution.STARTUP_S)
        with server.socket_folder() as sockets:
            start = provisioning.forked(lambda given: server.fork({**given, **limits, "sockets": sockets}))
            return execution.execute(cells, start, f"{sockets}/k", self.timeout_s, account)

    # --- level none ---

    def _talk_to_process(self, conversation: Conversation, within_s: float) -> Answer:
        limits = self._limits(1)  # numpy's import counts, too
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with work_folder() as work:
            child = subprocess.Popen(
                [python(), "-P", "-B", str(WORKER), str(limits["memory_bytes"]), str(limits["cpu_s"])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=work,
                env=environment(work),
                start_new_session=True,
            )
            assert child.stdin and child.stdout and child.stderr
            with child:
                try:
                    pipes = (child.stdin, child.stdout, child.stderr)
                    answer = converse(*pipes, conversation, within_s)
                    if answer.ended is Ended.KILLED:
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            child.wait(END_S)  # by itself: only then is it known what ended it
                    code = child.poll() or 0
                finally:
                    kill_group(child.pid)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return _ended(replace(answer, cpu_s=cpu_s), -code if code < 0 else 0, limits["cpu_s"])

    # --- levels process and full ---

    def _talk_to_fork(self, conversation: Conversation, within_s: float) -> Answer:
        limits = self._limits(0)
        with contextlib.ExitStack() as stack:
            (in_child, stdin), (stdout, out_child), (stderr, err_child) = _pipe(), _pipe(), os.pipe()
            ours: list[IO[bytes]] = [
                stack.enter_context(os.fdopen(end, mode, 0))
                for end, mode in ((stdin, "wb"), (stdout, "rb"), (stderr, "rb"))
            ]
            theirs = [in_child, out_child, err_child]
            try:
                server = self._server("probe")
                leash = server.fork(limits, theirs)
            finally:
                for end in theirs:
                    os.close(end)
            try:
                answer = converse(ours[0], ours[1], ours[2], conversation, within_s)
                if answer.ended is Ended.KILLED and not conversation.flooded:
                    leash.ends_within(END_S)  # by itself: only then is it known what ended it
            finally:
                leash.kill()
        said = leash.said()
        if "failed" in said:
            raise SandboxError(f"a child could not lock itself up: {said['failed']}")
        used = {"peak_mib": said.get("peak_mib"), "cpu_s": said.get("cpu_s", 0.0), "queued_s": said.get("queued_s")}
        answer = replace(answer, **used)
        return _ended(answer, said.get("signal", 0), limits["cpu_s"])

    def _server(self, kind: str) -> ForkServer:
        """The server of this kind: one that has died is started anew, by one of the threads that want it."""
        with self._starting:
            if kind in self._servers and not self._servers[kind].is_alive():
                self._servers.pop(kind).close()
            if kind not in self._servers:
                server, self._first = self._first, None
                if server is None or (server.kind, server.level) != (kind, self.isolation):
                    server = ForkServer(kind, self.isolation, self.memory_mib << 20)
                server.wait()
                self._servers[kind] = server
            return self._servers[kind]

    def _limits(self, spare_s: int) -> dict[str, int]:
        return {"memory_bytes": self.memory_mib << 20, "cpu_s": math.ceil(self.timeout_s) + spare_s}


def _ended(answer: Answer, by_signal: int, limit_s: int) -> Answer:
    """The kernel ends who is beyond the limit of processor time as it ends who takes too much memory."""
    if answer.ended is Ended.DONE:  # then it was ended by us, and waited for a question
        return answer
    if by_signal in (signal.SIGKILL, signal.SIGXCPU) and answer.cpu_s > NEARLY * limit_s:
        return replace(answer, ended=Ended.TIMED_OUT)
    return replace(answer, signal=by_signal)


def _pipe() -> tuple[int, int]:
    """A pipe that holds as much as the system allows, so that both ends work on for longer."""
    ends = os.pipe()
    with contextlib.suppress(OSError):  # an ordinary user's share may be used up
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return ends


def kill_group(pid: int) -> None:
    """SIGKILL to a process and all that it started in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(pid, signal.SIGKILL)


def converse(
    stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes], conversation: Conversation, timeout_s: float
) -> Answer:
    """Write the requests and read both pipes until nothing more is to be asked, the child closes its replies or
    floods, or time is over. The time that the grader itself takes to think of a request is not the child's."""
    started = time.monotonic()
    chunk = memoryview(bytearray(CHUNK_BYTES))  # made first, so that the replies can grow where they lie
    output, unsent = bytearray(), memoryview(conversation.request)
    timed_out = False
    with selectors.PollSelector() as ready:  # epoll's watches are counted for all processes of a user, submissions' too
        for stream, event in (
            (stdin, selectors.EVENT_WRITE),
            (stdout, selectors.EVENT_READ),
            (stderr, selectors.EVENT_READ),
        ):
            os.set_blocking(stream.fileno(), False)
            ready.register(stream, event)
        while not (conversation.over or timed_out) and stdout in ready.get_map():
            left_s = started + timeout_s + conversation.thinking_s - time.monotonic()
            timed_out = left_s <= 0
            for key, _ in ready.select(max(0.0, left_s)):
                if key.fileobj is stdin:
                    try:
                        unsent = unsent[os.write(key.fd, unsent[:CHUNK_BYTES]) :]
                    except BrokenPipeError:
                        unsent = memoryview(b"")
                    if not unsent:
                        ready.unregister(stdin)
                    continue
                try:
                    count = os.readv(key.fd, [chunk])
                except BlockingIOError:  # has been read to its end since
                    continue
                if not count:
                    ready.unregister(key.fileobj)
                elif key.fileobj is stderr:
                    if not conversation.silenced:
                        output += chunk[: max(0, min(count, OUTPUT_BYTES - len(output)))]
                elif not conversation.over:
                    heard = not conversation.silenced
                    request = conversation.receive(chunk[:count])
                    if heard and conversation.silenced:
                        _drain(stderr.fileno(), output)
                    if request is not None:
                        if not unsent:
                            ready.register(stdin, selectors.EVENT_WRITE)
                        unsent = memoryview(request)
        if not (timed_out or conversation.silenced):
            _drain(stderr.fileno(), output)
    return conversation.answer(timed_out, output)


def _drain(descriptor: int, output: bytearray) -> None:
    """What was printed before the last reply is already in the pipe."""
    while len(output) < OUTPUT_BYTES and (chunk := _read_now(descriptor)):
        output += chunk[: OUTPUT_BYTES - len(output)]


def _read_now(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""
