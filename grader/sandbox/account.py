"""What one submission may cost: an account of bytes, entries and seconds.

Opened when its first byte is read, and closed when its last file is written. Every reader and writer draws on it before
it takes memory, disk or time. Running dry is no exception: who draws is told, and makes of it what the submission gets.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self

BYTES, ENTRIES, SECONDS = "bytes", "entries", "seconds"
SUBMISSION_BYTES = 112 << 20  # read, decoded, parsed, printed and written: a grader at rest has 100 MiB
SUBMISSION_ENTRIES = 2_000_000  # files, values of JSON, parts of a kernel's messages
READING_S = 30.0  # for all files of a submission; network drives take their time

FOUR_BYTES = re.compile(rb"[\xf0-\xff]|\\u[dD][89abAB]")  # in UTF-8, and as JSON's escapes
TWO_BYTES = re.compile(rb"[\xc4-\xef]|\\u(?!00)")


def in_memory(raw: bytes | bytearray) -> int:
    """Bytes that a text takes once it is decoded: each of its characters as many as the widest."""
    return len(raw) * (4 if FOUR_BYTES.search(raw) else 2 if TWO_BYTES.search(raw) else 1)


@dataclass
class Account:
    """What is left. ``dry`` says what ran out first, and stays: nothing more is to be had then.

    ``whole``: the account that this is a part of. What is drawn here is drawn there, too; what runs dry here does not
    end the other parts.
    """

    bytes: int
    entries: int
    seconds: float
    whole: Account | None = None
    dry: str = ""
    _since: float | None = field(default=None, repr=False)  # when the clock was started, if it runs

    @classmethod
    def of_submission(cls, running_s: float = 0.0) -> Self:
        """``running_s``: for all its processes, by the clock."""
        return cls(SUBMISSION_BYTES, SUBMISSION_ENTRIES, READING_S + running_s)

    def part(self, bytes: int, entries: int | None = None, seconds: float = math.inf) -> Account:
        """At most so much of what is left."""
        left = self.entries if entries is None else min(entries, self.entries)
        return Account(min(bytes, self.bytes), left, min(seconds, self.seconds_left), self)

    def draw(self, bytes: int = 0, entries: int = 0) -> bool:
        """Take so much, and look at the clock. False if that is not to be had: then nothing more is."""
        if self.dry:
            return False
        if bytes > self.bytes or entries > self.entries or self.seconds_left <= 0:
            self.dry = BYTES if bytes > self.bytes else ENTRIES if entries > self.entries else SECONDS
            return False
        if self.whole is not None and not self.whole.draw(bytes, entries):
            self.dry = self.whole.dry
            return False
        self.bytes -= bytes
        self.entries -= entries
        return True

    @property
    def seconds_left(self) -> float:
        return self.seconds - (0.0 if self._since is None else time.monotonic() - self._since)

    @contextmanager
    def clock(self) -> Iterator[Self]:
        """Its seconds go by while somebody works for it, and not while it waits for its turn."""
        if self._since is not None:  # it runs already
            yield self
            return
        self._since = time.monotonic()
        try:
            yield self
        finally:
            self.seconds, self._since = self.seconds_left, None

    def __getstate__(self) -> dict[str, Any]:
        """In another process, it goes on with what is left."""
        return vars(replace(self, seconds=self.seconds_left, _since=None))
