"""What this machine lacks for the tests, and the line that brings it: all that can be tested without it still is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from grader.sandbox import server
from grader.sandbox.inside.lockdown import FULL, PROCESS

WAIT_S = 90  # a kernel that does not answer keeps its child for ever
WITHOUT = Path(__file__).with_name("without_walls")
TRY = "import sys; from grader.sandbox.box import Box; Box(sys.argv[1], 20.0, 4096).close()"


@cache
def no_level(level: str) -> str:
    """Why this level cannot be had; nothing where it can. Asked in a process of its own, which may hang."""
    if sys.platform != "linux":
        return "the walls are those of Linux: on Windows use WSL, on macOS a virtual machine"
    ask = [sys.executable, "-c", TRY, level]
    asked = subprocess.Popen(ask, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        _, said = asked.communicate(timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        asked.kill()
        return f"level {level}: no answer within {WAIT_S} s -> a kernel that loads filters of system calls"
    return said.strip().splitlines()[-1].strip() if asked.returncode else ""


def no_browser() -> str:
    return "" if chromium() else "there is no Chromium here -> sudo apt-get install chromium"


def chromium() -> str | None:
    """Where the distribution's browser is, if it is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


MISSING: dict[str, Callable[[], str]] = {  # for each mark, why a test that bears it cannot run here
    "sandbox": lambda: no_level(FULL),
    "process": lambda: no_level(PROCESS),
    "browser": no_browser,
}


def do_without_walls() -> None:
    """Here and in every process that the tests start, "auto" is the level ``none`` from now on."""
    server.CHOICES["auto"] = (server.NONE,)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(WITHOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
