"""The trusted side of the fork servers: starts them, in bubblewrap at level ``full``, and asks them for children."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox import bwrap
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.inside.lockdown import FULL, NOBODY, PROCESS, PROCESSES, TEMPORARY, WORK
from grader.sandbox.mounts import (
    IN_THE_BOX,
    INSIDE,
    bubblewrap,
    listed_folders,
    package_folders,
    python,
    readable_paths,
    roots,
    way_to_python,
)
from grader.sandbox.scratch import OwnFolder, remove

NONE = "none"
AUTO = (FULL, PROCESS) if sys.platform == "linux" else (NONE,)
CHOICES: dict[str, tuple[str, ...]] = {  # the levels that may be taken, the strongest first
    "auto": AUTO,
    "required": (FULL,),
    FULL: (FULL,),
    PROCESS: (PROCESS,),
    NONE: (NONE,),
}
START_S = 60  # a cold start takes 1 s, on a machine under load many times that
END_S = 5
SYSTEMS_PATH = "/usr/local/bin:/usr/bin:/bin"  # the grader's own tells where its user lives
SERVER_BYTES, SERVER_PROCESSES = 256 << 20, 8  # of a fork server itself, beside its child's


class ForkServer:
    """One warm process, of kind "probe" or "kernel", and the children it forks.

    Making one starts it, and ``wait`` has to be called before the first fork; both raise ``SandboxError`` with the
    reason when it cannot be had.
    """

    def __init__(self, kind: str, level: str, memory_bytes: int) -> None:
        program = bwrap.find() if level == FULL else None
        if level == FULL and program is None:
            raise SandboxError("bubblewrap (bwrap) is not installed")
        capability = way_to_python() if level == PROCESS else None
        self.kind = kind
        self.level = level
        self._folder = OwnFolder()
        folder = self._folder.path
        Path(folder).chmod(0o711)  # children know the names of their own folders
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        scripts = IN_THE_BOX if level == FULL else INSIDE
        readable, listed = ([Path("/")], []) if level == FULL else ([*readable_paths()], listed_folders())
        self._group = ControlGroup.make(memory_bytes + SERVER_BYTES, PROCESSES + SERVER_PROCESSES)
        config = {
            "level": level,
            "kind": kind,
            "control": theirs.fileno(),
            "capability": capability,
            "sums": self._group is None,
        }
        config |= {"readable": [*map(str, readable)], "listed": [*map(str, listed)]}
        kept = [str(root) for root in roots() if root.is_relative_to(TEMPORARY)]
        config |= {"path": package_folders(), "folder": folder, "kept": kept}
        command = [python(), "-I", "-B", str(scripts / "zygote.py"), json.dumps(config)]
        command = bubblewrap(program.path, folder) + command if program else command
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (until the server is ready)
        with theirs:
            self._process = subprocess.Popen(
                self._group.enter() + command if self._group else command,
                pass_fds=[theirs.fileno()],
                env=environment(WORK if level == FULL else self._child_folder()),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C is the grader's to answer
            )

    def wait(self) -> None:
        """Wait until it can be asked for children. Raises ``SandboxError`` with the reason why it cannot."""
        self._control.settimeout(START_S)
        with contextlib.suppress(OSError):
            if self._control.recv(100) == b"ready":
                self._errors.close()
                return
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().splitlines() or ["no message"]
        self.close()
        raise SandboxError(f"the {self.kind} server did not start at level {self.level}: {said[-1]}")

    def fork(self, given: dict[str, Any], standard: Sequence[int] = ()) -> Leash:
        """Ask for a child. ``given``: its limits, its socket folder if it needs one, and what it is to do;
        ``standard``: what becomes its descriptors 0, 1 and 2. Raises ``OSError`` if the server has died."""
        work = self._child_folder() if self.level == PROCESS else None
        request = json.dumps({"sockets": None, **given, "work": work}).encode()
        ours, theirs = socket.socketpair()
        leash = Leash(ours, work)
        with theirs:
            try:
                socket.send_fds(self._control, [request], [theirs.fileno(), *standard])
            except OSError:
                theirs.close()
                leash.kill()
                raise
        return leash

    def is_alive(self) -> bool:
        return not self.ends_within(0.0)

    def ends_within(self, seconds: float) -> bool:
        """It never says a second word: what can be read is its end."""
        return self._process.poll() is not None or _readable(self._control, seconds)

    @contextlib.contextmanager
    def socket_folder(self) -> Iterator[str]:
        """A folder in which a child may listen, and nothing else."""
        folder = self._child_folder()
        try:
            yield folder
        finally:
            remove(folder)

    def _child_folder(self) -> str:
        folder = tempfile.mkdtemp(dir=self._folder.path)
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        return folder

    def close(self) -> None:
        """End the server and its children, and remove their folders; the second time, nothing is left to do."""
        self._errors.close()
        self._control.close()  # it reads the end of its requests, and goes
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._group:
            self._group.close()
        self._folder.close()


def underway(isolation: str, memory_mib: int) -> contextlib.AbstractContextManager[ForkServer | None]:
    """The server that a ``Box`` will want first, started while the caller is still importing; closed in the end."""
    with contextlib.suppress(SandboxError, OSError):  # the Box will say it
        if sys.platform == "linux" and (level := CHOICES[isolation][0]) != NONE:
            return contextlib.closing(ForkServer("probe", level, memory_mib << 20))
    return contextlib.nullcontext()


class Leash:
    """Holds one forked child: closing it kills the child and all that the child started."""

    def __init__(self, end: socket.socket, work: str | None = None) -> None:
        self._end = end
        self._work = work
        self._said = b""

    def fileno(self) -> int:
        """Readable when the child has ended."""
        return self._end.fileno()

    def ended(self) -> bool:
        """Has the child ended?"""
        while self._end.fileno() >= 0 and _readable(self._end, 0):
            said = self._end.recv(1000)
            if not said:
                return True
            self._said += said
        return self._end.fileno() < 0

    def ends_within(self, seconds: float) -> bool:
        return _readable(self._end, seconds)

    def said(self) -> dict[str, Any]:
        """Of a child that has ended: why it could not be started (``failed``), or what it had used (``cpu_s``,
        ``peak_mib``) and the ``signal`` that ended it, 0 if none or ours; nothing if the fork server was killed."""
        with contextlib.suppress(ValueError):
            return dict(json.loads(self._said.partition(b"\n")[0]))
        return {}

    def let_go(self) -> None:
        """Have the child killed, without waiting for it; from any thread."""
        with contextlib.suppress(OSError):  # it has been closed
            self._end.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """Kill the child, and wait until it is gone."""
        if self._end.fileno() < 0:
            return
        self.let_go()
        deadline = time.monotonic() + END_S
        while not self.ended() and time.monotonic() < deadline:
            _readable(self._end, max(0.0, deadline - time.monotonic()))
        self._end.close()
        if self._work is not None:
            remove(self._work)


def _readable(end: socket.socket, seconds: float) -> bool:
    """``select`` knows the first 1,024 descriptors of a process alone."""
    poll = select.poll()
    poll.register(end, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def environment(home: str) -> dict[str, str]:
    """A child's: nothing of the grader's; one thread for linear algebra."""
    return {
        "PATH": f"{Path(python()).parent}:{SYSTEMS_PATH}",
        "HOME": home,
        "TMPDIR": home,
        "USER": "learner",
        "LANG": "C.UTF-8",
        "PIP_NO_INDEX": "1",  # there is no network: pip would look for it for a minute
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": "134217728",  # page faults of large arrays otherwise double the layer's time
        "MALLOC_TRIM_THRESHOLD_": "134217728",
    }
