"""The fork server: warm, with one thread, no capability and no secret; it forks a locked-up child for each request.

Runs as a plain script, at level ``full`` inside the bubblewrap box, with its configuration as JSON in the first
argument: ``level``, ``kind`` ("probe" or "kernel"), ``control`` (the descriptor of its socket), ``readable`` and
``listed`` (see ``lockdown.Walls``), ``path`` (where packages are), ``folder`` (where children's socket folders are) and
``kept`` (see ``lockdown.mount_own_folders``).

It says "ready" once. A request is one packet: JSON with ``memory_bytes``, ``cpu_s``, ``work`` (level
``process``: the child's folder), ``sockets`` (its socket folder, or none), and descriptors: a leash, then what
becomes the child's 0, 1 and 2. It answers nothing: the leash is the middle process's, which waits for the child.
When the other end of the leash closes, the child and all that it started are killed; when the child ends, the leash
closes. What the middle process writes to it, a line of JSON, is why no child could be started (``failed``), or what the
child had used (``cpu_s``, ``peak_mib``).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))
import lockdown  # type: ignore[import-not-found] # by its path: nothing of the package is in the box

Run = Callable[[dict[str, Any]], None]


def main() -> None:
    config = json.loads(sys.argv[1])
    sys.path += [folder for folder in config["path"] if folder not in sys.path]
    lockdown.become_nobody()
    run = warm_probe() if config["kind"] == "probe" else warm_kernel()
    walls = lockdown.Walls(config["readable"], config["listed"], config["level"])
    del sys.path[0]  # what the child imports is the submission's, and the environment's
    control = socket.socket(fileno=config["control"])
    signal.signal(signal.SIGCHLD, reap)
    gc.collect()
    gc.freeze()  # the children's collector leaves these pages alone, so that they stay shared
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise RuntimeError("a fork server has one thread: a forked child would inherit the locks of the others")
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 4)
        if not message:  # the grader has gone
            os._exit(0)
        if os.fork() == 0:
            attend(json.loads(message), config, walls, run, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def reap(*_: object) -> None:
    """Let the middle processes that have ended go. Were they ignored, nobody could tell what they had used."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def warm_probe() -> Run:
    import worker  # type: ignore[import-not-found]

    worker.warm()
    run: Run = worker.serve
    return run


def warm_kernel() -> Run:
    import kernel  # type: ignore[import-not-found]

    run: Run = kernel.warm()
    return run


# --- the middle process ---


def attend(
    request: dict[str, Any], config: dict[str, Any], walls: lockdown.Walls, run: Run, descriptors: list[int]
) -> NoReturn:
    """Start the child in namespaces of its own, wait for its end or for the leash's, leave nothing behind."""
    leash, *standard = descriptors
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(config["control"])
        lockdown.adopt_orphans()
        if config["level"] == lockdown.FULL:
            lockdown.enter_namespaces()
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            ours.close()
            become(request, config, walls, run, leash, standard, theirs)
        theirs.close()
        for descriptor in standard:
            os.close(descriptor)
        ends = [leash, os.pidfd_open(child)]
        heard = select.select([*ends, ours.fileno()], [], [])[0]
        if heard == [ours.fileno()] and ours.recv(1):  # a kernel listens; of others, this is the end of their end
            lockdown.cover_sockets()
            ours.send(b".")
        select.select(ends, [], [])
        used = end_all(child, orphans=config["level"] == lockdown.PROCESS)
        tell(leash, cpu_s=used.ru_utime + used.ru_stime, peak_mib=used.ru_maxrss / 1024)
    except BaseException as error:
        tell(leash, failed=f"{type(error).__name__}: {error}"[:500])
    finally:
        os._exit(0)


def end_all(child: int, orphans: bool) -> resource.struct_rusage:
    """Kill the child and all that it started: where it is first in a process namespace, the kernel kills the rest.
    Returns what all of them have used."""
    os.kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
            for pid in Path("/proc/thread-self/children").read_text().split() if orphans else ():
                os.kill(int(pid), signal.SIGKILL)
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def tell(leash: int, **said: Any) -> None:
    os.write(leash, json.dumps(said).encode() + b"\n")


# --- the child ---


def become(
    request: dict[str, Any],
    config: dict[str, Any],
    walls: lockdown.Walls,
    run: Run,
    leash: int,
    standard: list[int],
    middle: socket.socket,
) -> NoReturn:
    """Put the walls up around this process, and only then touch the submission."""
    full = config["level"] == lockdown.FULL
    try:
        try:
            lockdown.die_with_parent()
            if select.select([middle], [], [], 0)[0]:  # the parent had died before that was said
                os._exit(1)
            os.setsid()
            work, sockets = request["work"], request["sockets"]
            Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, it is the child that goes
            if full:
                lockdown.mount_own_folders(config["folder"], sockets, config["kept"])
                work, sockets = lockdown.WORK, sockets and lockdown.SOCKETS
            os.chdir(work)
            os.environ.update(HOME=work, TMPDIR=work)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number, descriptor in enumerate(standard or [nowhere] * 3):
                os.dup2(descriptor, number)
            shared = [lockdown.TEMPORARY, lockdown.SHARED_MEMORY] if full else []
            others = 0 if full else lockdown.processes_of_user()
            walls.put_up([work, *shared], sockets, request["memory_bytes"], request["cpu_s"], others)
        except BaseException as error:
            tell(leash, failed=f"{type(error).__name__}: {error}"[:500])
            raise
        kept = full and sockets is not None  # the way to tell that it listens
        if kept:
            os.dup2(middle.fileno(), 3)
        os.closerange(3 + kept, 1 << 16)
        run({**request, "sockets": sockets, "cover": 3 if kept else None})
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
