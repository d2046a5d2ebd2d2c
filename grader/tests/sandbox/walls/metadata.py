"""Changes the mode, the times and the attributes of files outside, and looks whether that was done."""

import contextlib
import os


def attempt():
    said = ""
    for path in (TARGETS["private"], TARGETS["gradebook"]):
        before = os.stat(path)
        with contextlib.suppress(OSError):
            os.chmod(path, 0o640)
        with contextlib.suppress(OSError):
            os.utime(path)
        with contextlib.suppress(OSError):
            os.setxattr(path, "user.walls", b"marked")
        after = os.stat(path)
        said += "mode " * (after.st_mode != before.st_mode) + "times " * (after.st_mtime_ns != before.st_mtime_ns)
        with contextlib.suppress(OSError):
            said += "attributes " * (os.getxattr(path, "user.walls") == b"marked")
    return said
