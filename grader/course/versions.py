"""Which grader this is: its version, and a fingerprint of the code that can change a verdict."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

VERSION = "0.2.0"  # pyproject.toml reads it here
JUDGES = ("exercises", "judging", "sandbox", "settings.py", "submissions")


@cache
def grader_version() -> str:
    """ "0.2.0+5f3a…": two graders of the same version judge alike, a changed line of code included."""
    package = Path(__file__).parents[1]
    code = hashlib.sha256()
    for name in JUDGES:
        place = package / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            code.update(f"{path.name}\n".encode() + path.read_bytes())
    return f"{VERSION}+{code.hexdigest()[:12]}"


def versions() -> dict[str, str]:
    import numpy as np

    return {"grader": grader_version(), "numpy": np.__version__, "python": platform.python_version()}
