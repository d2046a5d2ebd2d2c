"""Climbs by dots, by a symbolic link, by a hard link and by a descriptor of the root."""

import os


def attempt():
    secret = TARGETS["secret"]
    os.symlink("/", "root")
    os.symlink(secret, "link")
    try:
        os.link(secret, "hard")
    except OSError:
        pass
    for path in ("../" * 20 + secret.lstrip("/"), "root" + secret, "link", "hard"):
        try:
            return path + open(path).read()
        except OSError:
            continue
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    return os.fdopen(os.open(secret.lstrip("/"), os.O_RDONLY, dir_fd=root)).read()
