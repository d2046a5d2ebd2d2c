"""Mounts something over its folder, by the old call and by the new ones."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    os.mkdir("over")
    if libc.mount(b"none", b"over", b"tmpfs", 0, None) == 0:
        libc.umount2(b"over", 2)
        return "mounted"
    for number, arguments in ((430, (b"tmpfs", 0)), (428, (-100, b"/", 1))):  # fsopen, open_tree(CLONE)
        if libc.syscall(number, *arguments) >= 0:
            return f"call {number}"
    raise OSError(ctypes.get_errno(), "mount")
