"""What a child does to itself before it runs a line of a submission. Stands alone: children import it by its path.

Nothing here decides a policy at run time: namespaces and mounts come from the kernel's own calls, limits from
``resource``, the rest from Landlock (landlockpy) and seccomp (libseccomp through pyseccomp).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import socket
from collections.abc import Sequence
from typing import Any

FULL, PROCESS = "full", "process"
NOBODY = 65534
FOLDER_BYTES = 64 << 20  # of work and temporary files, and of shared memory
FILE_BYTES = 64 << 20
PROCESSES = 32  # with threads; by calculation, so many hold fewer epoll watches than a user may have
DESCRIPTORS = 256
BOX = "/run/grader"  # nobody keeps a Python environment below it: what is mounted there would hide it
WORK, SOCKETS, TEMPORARY = f"{BOX}/work", f"{BOX}/sockets", "/tmp"  # a child's own, inside the box
SHARED_MEMORY = "/dev/shm"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

# <linux/sched.h>, <linux/mount.h>, <linux/prctl.h>, <linux/capability.h>, <linux/seccomp.h>
NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NET = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
PARENT_DEATH, DUMPABLE, SET_SECCOMP, SUBREAPER, NO_NEW_PRIVILEGES, AMBIENT, AMBIENT_CLEAR = 1, 4, 22, 36, 38, 47, 4
SECCOMP_FILTER, CAPABILITIES_V3 = 2, 0x20080522

# A child may make every system call that libseccomp knows but these; with arguments, see ``_allow_with_arguments``.
DENIED_CALLS = frozenset(
    """
    mount umount umount2 pivot_root chroot setns unshare clone3 fsopen fsmount fsconfig fspick move_mount open_tree
    mount_setattr ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd
    perf_event_open bpf userfaultfd keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register
    init_module finit_module delete_module create_module kexec_load kexec_file_load reboot swapon swapoff acct
    quotactl quotactl_fd syslog open_by_handle_at name_to_handle_at lookup_dcookie iopl ioperm modify_ldt vm86 vm86old
    settimeofday clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex stime sethostname setdomainname
    vhangup nfsservctl uselib ustat sysfs _sysctl personality fanotify_init fanotify_mark
    shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    seccomp io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
    migrate_pages move_pages mbind set_mempolicy set_mempolicy_home_node get_mempolicy memfd_create memfd_secret
    """.split()
)
NEWEST_CALL = 456  # futex_requeue: what came later is not known here, whatever libseccomp may know of it
WITH_ARGUMENTS = frozenset({"clone", "socket", "socketpair", "prlimit64", "prctl", "setsid", "fcntl", "fcntl64"})
# What prctl may do: all but filters of a submission's own. They are kept in memory that the whole machine shares, and
# with enough of them nobody's child can be locked up any more.
PRCTL = tuple(option for option in range(1, 80) if option != SET_SECCOMP)
# What fcntl may do. Leases may not be had: they make everybody else's open wait. Nor record locks: each close goes
# through all locks of its file, and a million of them keep the kernel busy for minutes after their owner was killed.
# Programs that ask for one (SQLite) are told that they have it.
RECORD_LOCKS = (6, 7, 37, 38)
DUPLICATE, DUPLICATE_CLOSING, FLAGS, PIPE_SIZE, SEALS = (0,), (1030,), (1, 2, 3, 4), (1032,), (1033, 1034)
FCNTL = DUPLICATE + DUPLICATE_CLOSING + FLAGS + PIPE_SIZE + SEALS  # <linux/fcntl.h>

SOCKET_TYPES = 0xF  # <linux/net.h>: the rest are flags

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


def processes_of_user() -> int:
    """With their threads: so they count against RLIMIT_NPROC where the user has no namespace of its own."""
    uid, count = os.getuid(), 0
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:  # noqa: PTH123
            fields = dict(line.split(":", 1) for line in file)
            count += int(fields["Threads"]) * (int(fields["Uid"].split()[0]) == uid)
    return count


def become_nobody() -> None:
    """Root's processes are not counted against RLIMIT_NPROC, and root reads every file: be an ordinary user."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _prctl(DUMPABLE, 1)  # lost by the change of user; without it /proc/self belongs to root


def enter_namespaces() -> None:
    """Users, mounts, processes (from the next fork on), IPC and network of one's own; the user stays the same."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_NET)
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

    def __init__(self, readable: Sequence[str], listed: Sequence[str], level: str) -> None:
        """``readable``: files and folders that children may read, with all that is below them; ``listed``: folders of
        which, and below which, they may read the names."""
        import landlockpy

        self.readable, self.listed = tuple(readable), tuple(listed)
        self.abi = landlockpy.abi_version()  # asked before the fork: the first question starts a process
        if self.abi < 1:
            raise OSError("this kernel has no Landlock")
        self._filter = _compile(_policy(level))

    def put_up(
        self, writable: Sequence[str], sockets: str | None, memory_bytes: int, cpu_s: int, others: int = 0
    ) -> None:
        """Limits, no capabilities, Landlock, seccomp: from here on there is no way back.

        ``others``: the processes that are the user's anyway, where they count.
        """
        limit_resources(memory_bytes, cpu_s)
        _limit(
            (resource.RLIMIT_NPROC, PROCESSES + others),
            (resource.RLIMIT_NOFILE, DESCRIPTORS),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
        )
        _prctl(NO_NEW_PRIVILEGES, 1)
        _drop_capabilities()
        self._restrict_files(writable, sockets)
        _prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.addressof(self._filter))

    def _restrict_files(self, writable: Sequence[str], sockets: str | None) -> None:
        from landlockpy import AccessFS, Ruleset, fs_for_abi, net_for_abi, scope_for_abi

        every = fs_for_abi(self.abi)
        read = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
        special = AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK | AccessFS.IOCTL_DEV
        listen = read | AccessFS.MAKE_SOCK | AccessFS.REMOVE_FILE | AccessFS.RESOLVE_UNIX  # no link, no file
        with Ruleset(
            handled_fs=every, handled_net=net_for_abi(self.abi), scoped=scope_for_abi(self.abi), best_effort=False
        ) as rules:
            for path in self.readable:
                rules.allow_path(path, read if os.path.isdir(path) else AccessFS.READ_FILE)  # noqa: PTH112
            for path in self.listed:
                rules.allow_path(path, AccessFS.READ_DIR)
            for path in writable:
                rules.allow_path(path, every & ~special)
            for path in DEVICES:
                rules.allow_path(path, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
            if sockets:
                rules.allow_path(sockets, every & listen)
            rules.restrict()


def _policy(level: str) -> Any:
    """Allowed is what libseccomp can name up to ``NEWEST_CALL`` and ``DENIED_CALLS`` does not; the rest is ENOSYS."""
    import pyseccomp as seccomp

    policy = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    policy.set_attr(8, 2)  # SCMP_FLTATR_CTL_OPTIMIZE: search the numbers as a binary tree
    policy.set_attr(2, seccomp.KILL_PROCESS)  # SCMP_FLTATR_ACT_BADARCH: by default a thread, and its process hangs
    native = seccomp.system_arch()
    # where the machine's files are in sight, its servers' sockets are, too, and Landlock keeps nobody from asking them
    denied = DENIED_CALLS | WITH_ARGUMENTS | ({"connect"} if level == PROCESS else set())
    for number in range(NEWEST_CALL + 1):
        try:
            name = seccomp.resolve_syscall(native, number).decode()
        except (OSError, ValueError):
            continue
        if name not in denied:
            policy.add_rule(seccomp.ALLOW, name)
    _allow_with_arguments(policy, seccomp, datagrams=level != PROCESS)
    return policy


def _allow_with_arguments(policy: Any, seccomp: Any, datagrams: bool) -> None:
    """No new namespaces, sessions and filters, unix sockets only, one's own limits only, no locks of parts of files."""
    namespaces = NEW_MOUNTS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PIDS | NEW_NET
    policy.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, namespaces, 0))
    for call in ("socket", "socketpair"):
        # datagrams are sent without being connected
        kind = () if datagrams else (seccomp.Arg(1, seccomp.MASKED_EQ, SOCKET_TYPES, socket.SOCK_STREAM),)
        policy.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX), *kind)
        policy.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), call, seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    policy.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    for option in PRCTL:
        policy.add_rule(seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for command in FCNTL:
        policy.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for command in RECORD_LOCKS:
        policy.add_rule(seccomp.ERRNO(0), "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    # the scheduler gives each session its share: one child would have as many shares as it has processes
    policy.add_rule(seccomp.ERRNO(0), "setsid")


class _Program(ctypes.Structure):
    """struct sock_fprog: the length in instructions of 8 bytes, and where they stand."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _compile(policy: Any) -> _Program:
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        policy.export_bpf(file)
        file.seek(0)
        code = file.read()
    kept = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(kept))
    program.kept = kept  # the structure holds only its address
    return program


def _drop_capabilities() -> None:
    _prctl(AMBIENT, AMBIENT_CLEAR)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = (None if text is None else os.fsencode(text) for text in (source, target, kind))
    data = None if options is None else os.fsencode(options)
    _call("mount", *encoded, ctypes.c_ulong(flags), data, what=target)


def _prctl(option: int, *values: int) -> None:
    padded = (*values, 0, 0, 0, 0)[:4]
    _call("prctl", option, *map(ctypes.c_ulong, padded), what=str(option))


def _call(name: str, *arguments: Any, what: str = "") -> None:
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name} {what}: {os.strerror(code)}")
