"""Which system calls a child may make: the filter that libseccomp compiles. Stands alone, beside ``lockdown``."""

from __future__ import annotations

import errno
import socket
from typing import Any

PROCESS = "process"
NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000  # <linux/sched.h>
NEW_USER, NEW_PIDS, NEW_NET, SET_SECCOMP = 0x10000000, 0x20000000, 0x40000000, 22  # the last: <linux/prctl.h>

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
    vmsplice timer_create openat2
    """.split()
)
# At level ``process``, where the machine's files are in sight, who asks for these is told that it was done: copies and
# archives ask. An owner may otherwise do them to any file of his, and with CAP_DAC_OVERRIDE some to anybody's.
METADATA_CALLS = frozenset(
    """
    chmod fchmod fchmodat fchmodat2 chown fchown fchownat lchown utime utimes futimesat utimensat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    """.split()
)
# Where the same user's other processes are in sight, these are had for oneself alone: others would have to wait. Who
# names a process is told that it was done: libzmq names its own threads, and does not live with a refusal.
SCHEDULING = {"sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"}
PRIORITY_OF_PROCESS, IO_PRIORITY_OF_PROCESS = 0, 1
NEWEST_CALL = 456  # futex_requeue: what came later is not known here, whatever libseccomp may know of it
WITH_ARGUMENTS = frozenset({"clone", "socket", "socketpair", "prlimit64", "prctl", "setsid", "fcntl", "fcntl64"})
WITH_ARGUMENTS |= {"flock", "setpriority", "ioprio_set", "ioctl", "fallocate", "mmap", "open", "openat"} | SCHEDULING
# What prctl may do: all but filters of a submission's own. They are kept in memory that the whole machine shares, and
# with enough of them nobody's child can be locked up any more.
PRCTL = tuple(option for option in range(1, 80) if option != SET_SECCOMP)
# What fcntl may do. Leases may not be had: they make everybody else's open wait. Nor record locks: each close goes
# through all locks of its file, and a million of them keep the kernel busy for minutes after their owner was killed.
# Programs that ask for one (SQLite) are told that they have it.
RECORD_LOCKS = (6, 7, 37, 38)
DUPLICATE, DUPLICATE_CLOSING, FLAGS, PIPE_SIZE, SEALS = (0,), (1030,), (1, 2, 3, 4), (1032,), (1033, 1034)
FCNTL = DUPLICATE + DUPLICATE_CLOSING + FLAGS + PIPE_SIZE + SEALS  # <linux/fcntl.h>
# What ioctl may do: tell what a terminal is, say how much can be read, set flags of a descriptor (<asm/ioctls.h>). An
# owner's flags of files are set by it, too, and with them nobody can write to a file any more.
IOCTL = (0x5401, 0x540F, 0x5411, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# A file may be opened to read, to write, or both. The fourth way, for neither, asks Landlock for no right at all.
ACCESS, FOR_NEITHER = 3, 3  # <asm-generic/fcntl.h>
# Anonymous memory that is shared belongs to no process once it is let go: whoever sums up misses it.
SHARED, ANONYMOUS = 0x01, 0x20  # <linux/mman.h>
SOCKET_TYPES = 0xF  # <linux/net.h>: the rest are flags


def policy(level: str) -> Any:
    """Allowed is what libseccomp can name up to ``NEWEST_CALL`` and ``DENIED_CALLS`` does not; the rest is ENOSYS."""
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    rules.set_attr(8, 2)  # SCMP_FLTATR_CTL_OPTIMIZE: search the numbers as a binary tree
    rules.set_attr(2, seccomp.KILL_PROCESS)  # SCMP_FLTATR_ACT_BADARCH: by default a thread, and its process hangs
    native = seccomp.system_arch()
    # Where the machine's files are in sight, its servers' sockets are, too, and Landlock keeps nobody from asking them,
    # nor, before its third version, from cutting a file off.
    denied = DENIED_CALLS | WITH_ARGUMENTS | ({"connect", "truncate"} if level == PROCESS else set())
    for number in range(NEWEST_CALL + 1):
        try:
            name = seccomp.resolve_syscall(native, number).decode()
        except (OSError, ValueError):
            continue
        if level == PROCESS and name in METADATA_CALLS:
            rules.add_rule(seccomp.ERRNO(0), name)
        elif name not in denied:
            rules.add_rule(seccomp.ALLOW, name)
    _allow_with_arguments(rules, seccomp, datagrams=level != PROCESS)
    return rules


def _allow_with_arguments(rules: Any, seccomp: Any, datagrams: bool) -> None:
    """No new namespaces, sessions and filters, unix sockets only, one's own limits only, no locks of parts of files."""
    namespaces = NEW_MOUNTS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PIDS | NEW_NET
    rules.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, namespaces, 0))
    for call in ("socket", "socketpair"):
        # datagrams are sent without being connected
        only = () if datagrams else (seccomp.Arg(1, seccomp.MASKED_EQ, SOCKET_TYPES, socket.SOCK_STREAM),)
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX), *only)
        rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), call, seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    for option in PRCTL:
        rules.add_rule(seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for command in FCNTL:
        rules.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for command in RECORD_LOCKS:
        rules.add_rule(seccomp.ERRNO(0), "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for call in SCHEDULING:
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, 0))
        rules.add_rule(seccomp.ERRNO(0), call, seccomp.Arg(0, seccomp.NE, 0))
    for call, kind in (("setpriority", PRIORITY_OF_PROCESS), ("ioprio_set", IO_PRIORITY_OF_PROCESS)):
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, kind), seccomp.Arg(1, seccomp.EQ, 0))
        rules.add_rule(seccomp.ERRNO(errno.EPERM), call, seccomp.Arg(0, seccomp.NE, kind))
        rules.add_rule(seccomp.ERRNO(errno.EPERM), call, seccomp.Arg(1, seccomp.NE, 0))
    for command in IOCTL:
        rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, command))
    for call, flags in (("open", 1), ("openat", 2)):
        for access in range(FOR_NEITHER):
            rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(flags, seccomp.MASKED_EQ, ACCESS, access))
        rules.add_rule(seccomp.ERRNO(errno.EACCES), call, seccomp.Arg(flags, seccomp.MASKED_EQ, ACCESS, FOR_NEITHER))
    for kind in (0, SHARED, ANONYMOUS):
        rules.add_rule(seccomp.ALLOW, "mmap", seccomp.Arg(3, seccomp.MASKED_EQ, SHARED | ANONYMOUS, kind))
    both = seccomp.Arg(3, seccomp.MASKED_EQ, SHARED | ANONYMOUS, SHARED | ANONYMOUS)
    rules.add_rule(seccomp.ERRNO(errno.EPERM), "mmap", both)
    # with a mode, disk is had beyond the size of a file, and the limit on that does not see it
    rules.add_rule(seccomp.ALLOW, "fallocate", seccomp.Arg(1, seccomp.EQ, 0))
    rules.add_rule(seccomp.ERRNO(errno.EOPNOTSUPP), "fallocate", seccomp.Arg(1, seccomp.NE, 0))
    # files that are shared could be locked for others, or tell them something
    rules.add_rule(seccomp.ERRNO(0), "flock")
    # the scheduler gives each session its share: one child would have as many shares as it has processes
    rules.add_rule(seccomp.ERRNO(0), "setsid")
