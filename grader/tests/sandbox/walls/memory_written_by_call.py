"""Reads and writes the victim's memory through process_vm_readv and process_vm_writev."""

import ctypes
import platform

READ, WRITE = {"x86_64": (310, 311), "aarch64": (270, 271)}[platform.machine()]
LEAVES = "victim"
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    mine = ctypes.create_string_buffer(b"harmed!!")
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(mine), 8)
    there = (ctypes.c_uint64 * 2)(TARGETS["address"], 8)
    for call in (WRITE, READ):
        if libc.syscall(call, TARGETS["victim"], here, 1, there, 1, ctypes.c_ulong(0)) == 8:
            return f"{call}: {mine.value}"
    raise OSError(ctypes.get_errno(), "process_vm_writev")
