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
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from grader.errors import IsolationError, SandboxError
from grader.sandbox.folders import work_folder
from grader.sandbox.frames import (
    OUTPUT_BYTES,
    Answer,
    Ended,
    Program,
    Talk,
    encode_requests,
    find_quiet,
    read_answer,
    reply_limit,
)
from grader.sandbox.remedies import remedy
from grader.sandbox.server import CHOICES, NONE, ForkServer, environment

if TYPE_CHECKING:
    from nbformat import NotebookNode

WORKER = Path(__file__).with_name("worker.py")
SERVER_END_S = 0.2  # a server that is killed may end a moment after its child
PIPE_BYTES = CHUNK_BYTES = 1 << 20  # what an ordinary user may ask for, and what is read at once


class Box:
    """Runs programs under limits. ``isolation`` says which level is in force."""

    def __init__(self, isolation: str, timeout_s: float, memory_mib: int, first: ForkServer | None = None) -> None:
        """``isolation``: a level, "auto" for the strongest that works here, "required" for ``full`` and no other;
        ``first``: a server of probes that is underway (see ``server.underway``).

        Raises ``IsolationError`` with what is missing.
        """
        if os.name != "posix":
            raise IsolationError("submissions are run on Linux and macOS; on Windows, use WSL")
        self.timeout_s = timeout_s
        self.memory_mib = memory_mib
        self._servers: dict[str, ForkServer] = {}
        self._first = first
        self.isolation = self._strongest(CHOICES[isolation])

    def _strongest(self, levels: tuple[str, ...]) -> str:
        """The first level at which a program really runs."""
        if sys.platform != "linux" and levels != (NONE,):
            raise IsolationError("isolation needs Linux (on Windows: WSL); here there is only --isolation none")
        reasons = []
        for level in levels:
            self.isolation = level
            try:
                if level != NONE and self.run(Program("", [], [], seed=0)).ended is not Ended.DONE:
                    raise SandboxError("an empty program did not come to its end")
                return level
            except (SandboxError, OSError) as error:
                reasons.append(f"level {level}: {error} -> {remedy(str(error))}")
                self.close()
        raise IsolationError(f"{'; '.join(reasons)} (python -m grader doctor says more)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork servers; they are started again when they are needed."""
        while self._servers:
            self._servers.popitem()[1].close()

    def run(self, program: Program) -> Answer:
        """Run one program to its end, its deadline or its death. Raises ``SandboxError`` if no child got ready."""
        requests = encode_requests(program)
        if self.isolation == NONE:
            talk = self._talk_to_process(requests, reply_limit(program))
        else:
            talk = self._talk_to_fork(requests, reply_limit(program))
        answer = read_answer(talk, len(program.operations))
        if answer.ended is Ended.KILLED and self.isolation != NONE and self._servers["probe"].ends_within(SERVER_END_S):
            raise SandboxError("the fork server ended under a child: what the child said is not a verdict's ground")
        return answer

    def run_notebook(self, cells: list[tuple[str, str]]) -> tuple[NotebookNode, str]:
        """Execute a notebook's cells, given as (kind, source); see ``execution.execute``."""
        from grader.sandbox import execution, provisioning

        if self.isolation == NONE:
            with work_folder() as work:
                start = provisioning.plain(environment(work), work, self._limits(execution.STARTUP_S))
                return execution.execute(cells, start, f"{work}/k", self.timeout_s)
        executed = self._execute_in_fork(cells)
        return executed if self._servers["kernel"].is_alive() else self._execute_in_fork(cells)

    def _execute_in_fork(self, cells: list[tuple[str, str]]) -> tuple[NotebookNode, str]:
        from grader.sandbox import execution, provisioning

        server, limits = self._server("kernel"), self._limits(execution.STARTUP_S)
        with server.socket_folder() as sockets:
            start = provisioning.forked(lambda given: server.fork({**given, **limits, "sockets": sockets}))
            return execution.execute(cells, start, f"{sockets}/k", self.timeout_s)

    # --- level none ---

    def _talk_to_process(self, requests: tuple[bytes, bytes], most: int) -> Talk:
        limits = self._limits()
        with work_folder() as work:
            child = subprocess.Popen(
                [sys.executable, "-P", "-B", str(WORKER), str(limits["memory_bytes"]), str(limits["cpu_s"])],
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
                    return converse(child.stdin, child.stdout, child.stderr, requests, self.timeout_s, most)
                finally:
                    kill_group(child.pid)

    # --- levels process and full ---

    def _talk_to_fork(self, requests: tuple[bytes, bytes], most: int) -> Talk:
        with contextlib.ExitStack() as stack:
            (in_child, stdin), (stdout, out_child), (stderr, err_child) = _pipe(), _pipe(), os.pipe()
            ours: list[IO[bytes]] = [
                stack.enter_context(os.fdopen(end, mode, 0))
                for end, mode in ((stdin, "wb"), (stdout, "rb"), (stderr, "rb"))
            ]
            theirs = [in_child, out_child, err_child]
            try:
                server = self._server("probe")
                leash = server.fork(self._limits(), theirs)
            finally:
                for end in theirs:
                    os.close(end)
            try:
                talk = converse(ours[0], ours[1], ours[2], requests, self.timeout_s, most)
            finally:
                leash.kill()
        said = leash.said()
        if "failed" in said:
            raise SandboxError(f"a child could not lock itself up: {said['failed']}")
        return replace(talk, peak_mib=said.get("peak_mib"))

    def _server(self, kind: str) -> ForkServer:
        """The server of this kind: one that has died is started anew."""
        if kind in self._servers and not self._servers[kind].is_alive():
            self._servers.pop(kind).close()
        if kind not in self._servers:
            server, self._first = self._first, None
            if server is None or (server.kind, server.level) != (kind, self.isolation):
                server = ForkServer(kind, self.isolation, self.memory_mib << 20)
            server.wait()
            self._servers[kind] = server
        return self._servers[kind]

    def _limits(self, spare_s: int = 1) -> dict[str, int]:
        return {"memory_bytes": self.memory_mib << 20, "cpu_s": math.ceil(self.timeout_s) + spare_s}


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
    stdin: IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
    requests: tuple[bytes, bytes],
    timeout_s: float,
    most: int,
) -> Talk:
    """Write the requests and read both pipes until the child closes its replies, floods, or time is over.

    The second request is held back until the child has said QUIET, and from then on its output is dropped.
    """
    deadline = time.monotonic() + timeout_s
    chunk = memoryview(bytearray(CHUNK_BYTES))  # made first, so that the replies can grow where they lie
    replies, output, unsent = bytearray(), bytearray(), memoryview(requests[0])
    timed_out = flooded = quiet = False
    scanned = 0
    with selectors.DefaultSelector() as ready:
        for stream, event in (
            (stdin, selectors.EVENT_WRITE),
            (stdout, selectors.EVENT_READ),
            (stderr, selectors.EVENT_READ),
        ):
            os.set_blocking(stream.fileno(), False)
            ready.register(stream, event)
        while not (flooded or timed_out) and stdout in ready.get_map():
            for key, _ in ready.select(max(0.0, deadline - time.monotonic())):
                if key.fileobj is stdin:
                    try:
                        unsent = unsent[os.write(key.fd, unsent[:CHUNK_BYTES]) :]
                    except BrokenPipeError:
                        unsent = memoryview(b"")
                    if not unsent:
                        ready.unregister(stdin)
                    continue
                count = os.readv(key.fd, [chunk])
                if not count:
                    ready.unregister(key.fileobj)
                elif key.fileobj is stdout:
                    replies += chunk[:count]
                    flooded = len(replies) > most
                elif not quiet and len(output) < OUTPUT_BYTES:
                    output += chunk[: min(count, OUTPUT_BYTES - len(output))]
            if not quiet:
                quiet, scanned = find_quiet(replies, scanned)
                if quiet:
                    _drain(stderr.fileno(), output)
                    unsent = memoryview(requests[1])
                    ready.register(stdin, selectors.EVENT_WRITE)
            timed_out = time.monotonic() >= deadline
        if not (timed_out or quiet):
            _drain(stderr.fileno(), output)
    return Talk(timed_out, flooded, replies, bytes(output))


def _drain(descriptor: int, output: bytearray) -> None:
    """What was printed before the last reply is already in the pipe."""
    while len(output) < OUTPUT_BYTES and (chunk := _read_now(descriptor)):
        output += chunk[: OUTPUT_BYTES - len(output)]


def _read_now(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""
