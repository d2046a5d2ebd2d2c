"""What this machine lacks for the tests: without the walls, everything else is still tested, and the rest says why."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from grader.sandbox import server

NO_WALLS = "no walls here"
WAIT_S = 90  # a kernel that does not answer keeps its child for ever
WITHOUT = Path(__file__).with_name("without_walls")
TRY = "from grader.sandbox.box import Box; Box('required', 20.0, 4096).close()"


@cache
def missing_walls() -> str:
    """Why level ``full`` cannot be had; nothing where it can. Asked in a process of its own, which may hang."""
    if sys.platform != "linux":
        return "they are those of Linux"
    asked = subprocess.Popen([sys.executable, "-c", TRY], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        _, said = asked.communicate(timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        asked.kill()
        return f"no answer within {WAIT_S} s"
    return said.strip().splitlines()[-1] if asked.returncode else ""


def do_without_walls() -> None:
    """Here and in every process that the tests start, "auto" is the level ``none`` from now on."""
    server.CHOICES["auto"] = (server.NONE,)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(WITHOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
