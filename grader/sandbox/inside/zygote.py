"""The fork server: warm, with one thread, no capability and no secret; it forks a locked-up child for each request.

Runs as a plain script, at level ``full`` inside the bubblewrap box, with its configuration as JSON in the first
argument: ``level``, ``kind`` ("probe" or "kernel"), ``control`` (the descriptor of its socket), ``readable`` and
``listed`` and ``capability`` (see ``lockdown.Walls``), ``path`` (where packages are), ``folder`` (where children's
socket folders are), ``kept`` (see ``lockdown.mount_own_folders``) and ``sums`` (nothing else bounds what a child's
processes take together).

It says "ready" once. A request is one packet: JSON with ``memory_bytes``, ``cpu_s``, ``work`` (level
``process``: the child's folder), ``sockets`` (its socket folder, or none), and descriptors: a leash, then what
becomes the child's 0, 1 and 2. It answers nothing: the leash is held by who waits for the child, this process itself
or one in the middle. When the other end of the leash closes, the child and all that it started are killed; when the
child ends, the leash closes. What is written to it, a line of JSON, is why no child could be started (``failed``), or
what the child had used (``cpu_s``, ``peak_mib``).
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
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))
import cloning  # type: ignore[import-not-found] # by its path: nothing of the package is in the box
import lockdown  # type: ignore[import-not-found]
import watch  # type: ignore[import-not-found]
from watch import tell

Run = Callable[..., None]  # of a request
# A child's processes count with its neighbours', who may have as many each: the limit leaves room for theirs, and that
# its own are not too many is seen to by whoever sums up.
NEIGHBOURS = lockdown.PROCESSES * (os.cpu_count() or 1)


def main() -> Run:
    """Serve. Returns in children alone: what is left to do there."""
    config = json.loads(sys.argv[1])
    sys.path += [folder for folder in config["path"] if folder not in sys.path]
    try:
        lockdown.become_nobody(config["capability"])
    except PermissionError:
        sys.exit("root may not become an ordinary user here")
    run = warm_probe() if config["kind"] == "probe" else warm_kernel()
    walls = lockdown.Walls(config["readable"], config["listed"], config["level"], config["capability"])
    del sys.path[0]  # what the child imports is the submission's, and the environment's
    control = socket.socket(fileno=config["control"])
    signal.signal(signal.SIGCHLD, reap)
    gc.collect()
    gc.freeze()  # the children's collector leaves these pages alone, so that they stay shared
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise RuntimeError("a fork server has one thread: a forked child would inherit the locks of the others")
    control.send(b"ready")
    if config["kind"] == "probe" and config["level"] == lockdown.FULL and cloning.Cloning.can_be_had():
        return serve_directly(control, config, walls, run)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 4)
        if not message:  # the grader has gone
            os._exit(0)
        if os.fork() == 0:
            return attend(json.loads(message), config, walls, run, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def serve_directly(control: socket.socket, config: dict[str, Any], walls: lockdown.Walls, run: Run) -> Run:
    """Fork children straight into their namespaces and look after all of them, with no middle processes: each takes as
    long as its child. One that listens needs one, which stays within its walls and covers its sockets."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    alive, ours = os.pipe()  # of which the other end closes with this process
    children = watch.Children(control.fileno(), config["sums"])
    clone, user = cloning.Cloning(lockdown.OWN_NAMESPACES), (os.getuid(), os.getgid())
    while True:
        children.attend()
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 4)
        if not message:  # the grader has gone
            os._exit(0)
        request, (leash, *standard) = json.loads(message), descriptors
        try:
            pid, ended = clone.fork()
        except OSError as error:
            tell(leash, failed=f"{type(error).__name__}: {error}"[:500])
            standard.append(leash)
        else:
            if pid == 0:
                os.close(ours)
                return become(request, config, walls, run, leash, standard, alive, user)
            children.add(watch.Child(pid, leash, ended, request["memory_bytes"]))
        for descriptor in standard:
            os.close(descriptor)


def reap(*_: object) -> None:
    """Let the middle processes that have ended go. Were they ignored, nobody could tell what they had used."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def warm_probe() -> Run:
    import worker  # type: ignore[import-not-found]

    worker.warm()
    run: Run = worker.session.disguised(worker.serve, "<module>")
    return run


def warm_kernel() -> Run:
    import kernel  # type: ignore[import-not-found]

    run: Run = kernel.warm()
    return run


# --- the middle process ---


def attend(
    request: dict[str, Any], config: dict[str, Any], walls: lockdown.Walls, run: Run, descriptors: list[int]
) -> Run:
    """Start the child in namespaces of its own, wait for its end or for the leash's, leave nothing behind. Returns in
    the child alone."""
    leash, *standard = descriptors
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(config["control"])
        lockdown.adopt_orphans()
        processes = os.open("/proc", os.O_PATH)  # which the child covers, from us too, and lets go with all else
        if config["level"] == lockdown.FULL:
            lockdown.enter_namespaces()
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            ours.close()
            return become(request, config, walls, run, leash, standard, theirs.detach())
        theirs.close()
        for descriptor in standard:
            os.close(descriptor)
        ends = [leash, os.pidfd_open(child)]
        summed, most = processes if config["sums"] else -1, request["memory_bytes"]
        heard = wait([*ends, ours.fileno()], summed, most)
        if heard == [ours.fileno()] and ours.recv(1):  # a kernel listens; of others, this is the end of their end
            lockdown.cover_sockets()
            ours.send(b".")
        by_itself = not heard or leash not in wait(ends, summed, most)
        queued_s = None if by_itself else watch.time_in_queue(child, processes)
        by_signal, used = end_all(child, orphans=config["level"] == lockdown.PROCESS)
        tell(leash, **watch.used_up(used), queued_s=queued_s, signal=by_signal if by_itself else 0)
    except BaseException as error:
        tell(leash, failed=f"{type(error).__name__}: {error}"[:500])
    os._exit(0)


def wait(ends: list[int], processes: int, most: int) -> list[int]:
    """Which of these ends have something to say; none if, before that, all that the child started took too much memory
    together, or was too many. ``processes``: the descriptor of /proc, -1 where a control group sees to it."""
    while True:
        heard = select.select(ends, [], [], None if processes < 0 else watch.LOOK_S)[0]
        if heard or processes < 0:
            return heard
        threads = watch.tree(processes, os.getpid())
        del threads[os.getpid()]
        if watch.too_much(processes, threads, most):
            return []


def end_all(child: int, orphans: bool) -> tuple[int, resource.struct_rusage]:
    """Kill the child and all that it started: where it is first in a process namespace, the kernel kills the rest.
    Returns the signal that ended the child, 0 if none, and what all of them have used."""
    by_signal = 0
    os.kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, 0)
            if ended == child and os.WIFSIGNALED(status):
                by_signal = os.WTERMSIG(status)
            for pid in Path("/proc/thread-self/children").read_text().split() if orphans else ():
                os.kill(int(pid), signal.SIGKILL)
    return by_signal, resource.getrusage(resource.RUSAGE_CHILDREN)


# --- the child ---


def become(
    request: dict[str, Any],
    config: dict[str, Any],
    walls: lockdown.Walls,
    run: Run,
    leash: int,
    standard: list[int],
    parent: int,
    user: tuple[int, int] | None = None,
) -> Run:
    """Put the walls up around this process; what is returned touches the submission. ``parent``: can be read from when
    that has died; ``user``: who this is to be in a new namespace of users."""
    full = config["level"] == lockdown.FULL
    try:
        lockdown.die_with_parent()
        if select.select([parent], [], [], 0)[0]:  # the parent had died before that was said
            os._exit(1)
        if user:
            lockdown.stay_the_same(*user)
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
        others = 0 if full else processes_of_user() + NEIGHBOURS
        walls.put_up([work, *shared], sockets, request["memory_bytes"], request["cpu_s"], others)
    except BaseException as error:
        tell(leash, failed=f"{type(error).__name__}: {error}"[:500])
        os._exit(1)
    kept = full and sockets is not None  # the way to tell that it listens
    if kept:
        os.dup2(parent, 3)
    os.closerange(3 + kept, 1 << 16)
    return partial(run, {**request, "sockets": sockets, "cover": 3 if kept else None})


def begin_anew(run: Run) -> NoReturn:
    """Have ``run`` called when every frame of ours has gone: who called a layer is then nothing that only we have."""
    sys.excepthook = run
    raise SystemError("a child begins")


def processes_of_user() -> int:
    """With their threads: so they count against RLIMIT_NPROC where the user has no namespace of its own."""
    uid, count = os.getuid(), 0
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:  # noqa: PTH123
            fields = dict(line.split(":", 1) for line in file)
            count += int(fields["Threads"]) * (int(fields["Uid"].split()[0]) == uid)
    return count


if __name__ == "__main__":
    begin_anew(main())
