"""What a child does to itself before it runs a line of a submission. Stands alone: children import it by its path.

Nothing here decides a policy at run time: namespaces and mounts come from the kernel's own calls, limits from
``resource``, the rest from Landlock (landlockpy) and seccomp (libseccomp through pyseccomp).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __package__:
    from grader.sandbox.inside import calls
else:  # in a child, by its path
    sys.path.insert(0, str(Path(__file__).parent))
    import calls  # type: ignore[import-not-found, no-redef]

    del sys.path[0]

FULL, PROCESS = "full", "process"
NOBODY = 65534
FOLDER_BYTES = 64 << 20  # of work and temporary files, and of shared memory
FILE_BYTES = 64 << 20
PROCESSES = 32  # with threads; by calculation, so many hold fewer epoll watches than a user may have
DESCRIPTORS = 96  # a third each of epolls, files and numbers: 32 processes make 900,000 watches of the user's millions
PENDING = 64  # signals with a value, which count for all of a user's processes together
BOX = "/run/learner"  # nobody keeps a Python environment below it: what is mounted there would hide it
WORK, SOCKETS, TEMPORARY = f"{BOX}/work", f"{BOX}/sockets", "/tmp"  # a child's own, inside the box
SHARED_MEMORY = "/dev/shm"
ZERO = "/dev/zero"  # to be read alone: who may write to it can map it as shared memory, which is in no sum
DEVICES = ("/dev/null", ZERO, "/dev/full", "/dev/random", "/dev/urandom")

# <linux/sched.h>, <linux/mount.h>, <linux/prctl.h>, <linux/capability.h>, <linux/seccomp.h>
NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NET, KEEP_CAPABILITIES, AMBIENT_RAISE = 0x10000000, 0x20000000, 0x40000000, 8, 2
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
PARENT_DEATH, DUMPABLE, SET_SECCOMP, SUBREAPER, NO_NEW_PRIVILEGES, AMBIENT, AMBIENT_CLEAR = 1, 4, 22, 36, 38, 47, 4
SECCOMP_FILTER, CAPABILITIES_V3, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 2, 0x20080522, 1, 2

OWN_NAMESPACES = NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_NET

# system calls whose numbers are the same on all of Linux's machines
MOUNT_SETATTR, LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 442, 444, 445, 446
AT_CWD, AT_RECURSIVE = -100, 0x8000

_libc = ctypes.CDLL(None, use_errno=True)


def limit_resources(memory_bytes: int, cpu_s: int) -> None:
    """Address space, CPU time and file size, as far down as the limits already in force allow; no core dumps."""
    _limit(
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    )


def _limit(*limits: tuple[int, int]) -> None:
    for limit, value in limits:
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def become_nobody(capability: int | None) -> None:
    """Root reads every file, and has no RLIMIT_NPROC: be an ordinary user, with one ``capability`` at most."""
    if os.getuid() == 0:
        _prctl(KEEP_CAPABILITIES, capability is not None)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _hold(capability)
        _prctl(DUMPABLE, 1)  # lost by the change of user; without it /proc/self belongs to root


def enter_namespaces() -> None:
    """Users, mounts, processes (from the next fork on), IPC and network of one's own; the user stays the same."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", OWN_NAMESPACES)
    stay_the_same(uid, gid)


def stay_the_same(uid: int, gid: int) -> None:
    """The user that one was, in a new namespace of users."""
    for name, value in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 (nothing more is imported than needed)
            file.write(value)


def mount_own_folders(hidden: str, sockets: str | None, kept: Sequence[str]) -> None:
    """Size-limited memory file systems for a child's files, nothing of /proc, nothing of its siblings' sockets.

    ``hidden``: the folder of all sockets; ``sockets``: the child's own in it; ``kept``: folders below ``TEMPORARY``
    that stay in sight.
    """
    _mount("none", "/", None, RECURSIVE | PRIVATE)
    if sockets:
        _mount(sockets, SOCKETS, None, BIND)
    own, limits = NO_SUID | NO_DEVICES, f"size={FOLDER_BYTES},nr_inodes=4096"
    _mount("tmpfs", WORK, "tmpfs", own, f"{limits},mode=700")
    _mount("tmpfs", SHARED_MEMORY, "tmpfs", own | NO_EXEC, f"{limits},mode=1777")
    open_ones = [(path, os.open(path, os.O_PATH)) for path in kept]
    _mount("tmpfs", TEMPORARY, "tmpfs", own, f"{limits},mode=1777")
    for path, descriptor in open_ones:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112 (nothing more is imported than needed)
            os.makedirs(path)  # noqa: PTH103
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))
        _mount(f"/proc/self/fd/{descriptor}", path, None, BIND | RECURSIVE)
    for folder in ("/proc", hidden):
        if os.path.isdir(folder):  # noqa: PTH112
            _cover(folder)
    _set_attributes("/", READ_ONLY, 0, recursive=True)  # devices, what hides the package: nothing is left for the next
    for path in (WORK, SHARED_MEMORY, TEMPORARY, *([SOCKETS] if sockets else [])):
        _set_attributes(path, 0, READ_ONLY)


def cover_sockets() -> None:
    """Once a child listens: it can make no more names in a folder that is the host's, and takes memory there."""
    _cover(SOCKETS)


def _cover(folder: str) -> None:
    _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES | NO_EXEC | READ_ONLY, "size=4k,mode=555")


def die_with_parent() -> None:
    _prctl(PARENT_DEATH, signal.SIGKILL)


def adopt_orphans() -> None:
    """Whatever a descendant leaves behind becomes the caller's child."""
    _prctl(SUBREAPER, 1)


class Walls:
    """What can be made ready once, before the fork: the compiled system call filter, Landlock's version.

    Raises ``OSError``, ``ImportError`` or ``RuntimeError`` where the kernel or a library lacks them.
    """

    def __init__(self, readable: Sequence[str], listed: Sequence[str], level: str, capability: int | None) -> None:
        """``readable``: files and folders that children may read, with all that is below them; ``listed``: folders of
        which, and below which, they may read the names; ``capability``: the one that they keep."""
        from landlockpy import AccessFS, abi_version, fs_for_abi, net_for_abi, scope_for_abi

        self.capability = capability
        abi = abi_version()  # asked before the fork: the first question starts a process
        if abi < 1:
            raise OSError("this kernel has no Landlock")
        every, read = fs_for_abi(abi), AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
        special = AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK | AccessFS.IOCTL_DEV
        # as numbers: a child that worked with names would have copies made of the pages that they lie in
        self._handled = _Handled(int(every), int(net_for_abi(abi)), int(scope_for_abi(abi)))
        self._handled_bytes = 8 if abi < 4 else 16 if abi < 6 else 24
        self._rules = [
            *((path, int(read if os.path.isdir(path) else AccessFS.READ_FILE)) for path in readable),  # noqa: PTH112
            *((path, int(AccessFS.READ_DIR)) for path in listed),
            *((path, int(AccessFS.READ_FILE | AccessFS.WRITE_FILE)) for path in DEVICES if path != ZERO),
            (ZERO, int(AccessFS.READ_FILE)),
        ]
        self._write = int(every & ~special)
        listen = read | AccessFS.MAKE_SOCK | AccessFS.REMOVE_FILE | AccessFS.RESOLVE_UNIX  # no link, no file
        self._listen = int(every & listen)
        self._filter = _compile(calls.policy(level))

    def put_up(
        self, writable: Sequence[str], sockets: str | None, memory_bytes: int, cpu_s: int, others: int = 0
    ) -> None:
        """Limits, no capability but the one that is kept, Landlock, seccomp: from here on there is no way back.

        ``others``: the processes that are the user's anyway, where they count.
        """
        limit_resources(memory_bytes, cpu_s)
        _limit(
            (resource.RLIMIT_NPROC, PROCESSES + others),
            (resource.RLIMIT_NOFILE, DESCRIPTORS),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_SIGPENDING, PENDING),
        )
        _prctl(NO_NEW_PRIVILEGES, 1)
        _hold(self.capability)
        self._restrict_files(writable, sockets)
        _prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.addressof(self._filter))

    def _restrict_files(self, writable: Sequence[str], sockets: str | None) -> None:
        ruleset = _libc.syscall(LANDLOCK_CREATE, ctypes.byref(self._handled), ctypes.c_size_t(self._handled_bytes), 0)
        if ruleset < 0:
            raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
        own = [*((path, self._write) for path in writable), *([(sockets, self._listen)] if sockets else [])]
        for path, access in (*self._rules, *own):
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = _Beneath(access, descriptor)
            _call("syscall", LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0, what=f"landlock_add_rule {path}")
            os.close(descriptor)
        _call("syscall", LANDLOCK_RESTRICT, ruleset, 0, what="landlock_restrict_self")
        os.close(ruleset)


class _Handled(ctypes.Structure):
    """struct landlock_ruleset_attr: what is forbidden of files, networks and other processes where no rule allows it;
    a kernel with an older version of Landlock is told less of it."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("files", "networks", "scopes"))


class _Beneath(ctypes.Structure):
    """struct landlock_path_beneath_attr."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


class _Program(ctypes.Structure):
    """struct sock_fprog: the length in instructions of 8 bytes, and where they stand."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _compile(rules: Any) -> _Program:
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        code = file.read()
    kept = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(kept))
    program.kept = kept  # the structure holds only its address
    return program


def _hold(capability: int | None) -> None:
    """No capability but this one, which the programs that are started have, too."""
    _prctl(AMBIENT, AMBIENT_CLEAR)
    held = [] if capability is None else [1 << capability] * 3  # effective, permitted, inheritable
    _call("capset", (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)(*held))
    if capability is not None:
        _prctl(AMBIENT, AMBIENT_RAISE, capability)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    *names, data = (None if text is None else os.fsencode(text) for text in (source, target, kind, options))
    _call("mount", *names, ctypes.c_ulong(flags), data, what=target)


class _Attributes(ctypes.Structure):
    """struct mount_attr."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns"))


def _set_attributes(path: str, attributes: int, cleared: int, recursive: bool = False) -> None:
    how = _Attributes(attributes, cleared, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    arguments = (AT_CWD, os.fsencode(path), flags, ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how)))
    _call("syscall", ctypes.c_long(MOUNT_SETATTR), *arguments, what=f"mount_setattr {path}")


def _prctl(option: int, *values: int) -> None:
    padded = (*values, 0, 0, 0, 0)[:4]
    _call("prctl", option, *map(ctypes.c_ulong, padded), what=str(option))


def _call(name: str, *arguments: Any, what: str = "") -> None:
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name} {what}: {os.strerror(code)}")
