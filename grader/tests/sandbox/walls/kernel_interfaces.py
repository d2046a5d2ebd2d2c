"""Opens the kernel's doors for experts: bpf, perf, page faults in user space."""

import ctypes
import platform
import struct

BPF, PERF, FAULTS = {"x86_64": (321, 298, 323), "aarch64": (280, 241, 282)}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    table = ctypes.create_string_buffer(struct.pack("<5I", 2, 4, 4, 1, 0), 128)  # an array of one number
    count = ctypes.create_string_buffer(struct.pack("<2IQ", 1, 128, 0), 128)  # the processor's time
    served = [libc.syscall(BPF, 0, table, 128), libc.syscall(PERF, count, 0, -1, -1, 0), libc.syscall(FAULTS, 1)]
    return f"{served}" if max(served) >= 0 else ""
