"""Puts a filter of its own on top: they lie in memory of a fixed size that all programs of the machine share."""

import ctypes
import struct

ALLOW = struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)  # BPF_RET, SECCOMP_RET_ALLOW
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    code = ctypes.create_string_buffer(ALLOW)
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
    libc.prctl(38, 1, 0, 0, 0)
    for option in (22, (1 << 32) + 22):
        if libc.prctl(ctypes.c_ulong(option), ctypes.c_ulong(2), program, 0, 0) == 0:
            return "a filter"
    return ""
