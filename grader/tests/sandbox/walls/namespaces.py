"""Enters new namespaces of every kind, and those of other processes."""

import ctypes
import os

FLAGS = {"mount": 0x20000, "net": 0x40000000, "pid": 0x20000000, "ipc": 0x8000000, "uts": 0x4000000, "cgroup": 0x2000000, "time": 0x80}


def entered(way):
    pid = os.fork()
    if not pid:
        try:
            os._exit(1 if way() else 0)
        except BaseException:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def attempt():
    libc = ctypes.CDLL(None, use_errno=True)
    said = [name for name, flag in FLAGS.items() if entered(lambda: libc.unshare(flag)) or entered(lambda: libc.unshare(flag | 0x10000000))]
    for pid in (1, TARGETS["grader"], TARGETS["victim"]):
        if entered(lambda: libc.setns(os.open(f"/proc/{pid}/ns/ipc", os.O_RDONLY), 0)):
            said.append(f"those of {pid}")
    return " ".join(said)
