"""What a machine lacks is skipped, counted and named last, with the line that brings it."""

from __future__ import annotations

import os
import subprocess
import sys

from grader.tests.refresh import ROOT

PAGES = "grader/tests/report/test_report_browser.py"


def without_a_browser(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, PAGES]
    environment = {**os.environ, "PATH": "/nowhere"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_a_browser_its_tests_are_skipped_and_the_line_that_brings_one_is_the_last() -> None:
    for options in (["--numprocesses=0"], ["--numprocesses=2"]):
        done = without_a_browser(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        *_, last = done.stdout.splitlines()
        assert last.endswith(" skipped: there is no Chromium here -> sudo apt-get install chromium")


def test_where_nothing_may_be_skipped_a_skip_is_a_failure() -> None:
    assert without_a_browser("--numprocesses=0", "--no-skips").returncode == 1
