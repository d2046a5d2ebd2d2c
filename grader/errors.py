"""The errors that reach a caller, one family that says whose fault it is.

GraderError
├── UsageError       the caller's: a path, a setting or a workspace that cannot be used as asked
├── IsolationError   the machine's: the isolation asked for cannot be had here
├── OutputError      the machine's: results cannot be written, as on a full disk; what was written before is kept
└── SandboxError     the grader's: its own worker did not start or did not answer

A submission's failure is never an exception: it is the ``Grade`` that comes back.
"""

import errno
from collections.abc import Mapping
from typing import Self

OK, NOT_PASSED, USAGE, GRADER_FAILED, INTERRUPTED = 0, 1, 2, 3, 130  # the command line's exit codes
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # after these, nothing more can be written


class GraderError(Exception):
    """The grader could not give a verdict; never a statement about a submission."""


class UsageError(GraderError, ValueError):
    """What was asked for cannot be done as asked; the message says what to change."""


class IsolationError(GraderError, RuntimeError):
    """The isolation asked for is not available on this machine; ``missing`` says why, for each level that was tried."""

    def __init__(self, message: str, missing: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.missing = missing or {}


class OutputError(GraderError, RuntimeError):
    """Results cannot be written; what was written before is kept."""

    @classmethod
    def of(cls, error: OSError) -> Self:
        message = f"{error.filename or 'results'} cannot be written: {error.strerror or error}; what was graded is kept"
        return cls(f"{message}; mend that, and give the same command again: it goes on from there")


class SandboxError(GraderError, RuntimeError):
    """The grader's own worker failed before it touched the submission."""
