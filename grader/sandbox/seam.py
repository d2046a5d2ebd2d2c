"""The one seam to code that is not trusted, as those see it who judge: programs go in, replies come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from grader.errors import SandboxError
from grader.sandbox.account import Account
from grader.sandbox.frames import Answer, Further, Program

if TYPE_CHECKING:
    from nbformat import NotebookNode


class Sandbox(Protocol):
    """``Box`` is the real one; others take its place for sources that are trusted, in tests and benchmarks."""

    isolation: str  # the level in force: "full", "process" or "none"

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        """Run one program to its end, its deadline or its death; ``further`` may have more to ask when all replies are
        in; ``account``: the submission's. Raises ``SandboxError`` if it could not be started."""

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        """Execute a notebook's cells, given as (kind, source): the executed notebook, and how that ended. ``account``:
        the submission's, by default a fresh one."""

    def close(self) -> None: ...


class Elsewhere:
    """Where nothing is run, because other machines do that."""

    isolation = "none"

    def run(self, program: Program, further: Further | None = None, account: Account | None = None) -> Answer:
        raise SandboxError("submissions are run by the workers, not here")

    def run_notebook(self, cells: list[tuple[str, str]], account: Account | None = None) -> tuple[NotebookNode, str]:
        raise SandboxError("notebooks are run by the workers, not here")

    def close(self) -> None: ...
