"""Opens the secret relative to every descriptor that it inherited, should one be a folder outside."""

import os


def attempt():
    for number in range(1024):
        for path in ("../" * 20 + TARGETS["secret"].lstrip("/"), "secret.txt", "."):
            try:
                descriptor = os.open(path, os.O_RDONLY, dir_fd=number)
            except OSError:
                continue
            return f"descriptor {number}: {path}, {os.fstat(descriptor)}"
    return ""
