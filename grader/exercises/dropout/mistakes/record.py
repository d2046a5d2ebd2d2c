"""What a mistake is: what shows it, what the learner is told, what a teacher may do, and layers that make it.

The part between the two marks is shared with the notebook's check cell: see ``rules``. What is handed out holds a
mistake's name, signs, faults and sentences; hints and examples stay here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


# --- shared with the notebook's check cell: begin
@dataclass(frozen=True)
class Law:
    """A number that follows p: plus + factor · p^a · (1-p)^b; ``normal``: P(Z < that) of a standard normal Z."""

    a: float = 0
    b: float = 0
    factor: float = 1
    plus: float = 0
    normal: bool = False

    def at(self, p: float) -> float:
        value = self.plus + self.factor * p**self.a * (1 - p) ** self.b
        return (1 + math.erf(value / math.sqrt(2))) / 2 if self.normal else value


@dataclass(frozen=True)
class Sign:
    """The fraction kept and the scale that show a mistake, None where it leaves one open, and the fact that has to be
    found in the code as well. ``label``, ``side``: its name on the class's map, and where that stands."""

    kept: Law | None = None
    scale: Law | None = None
    code: str = ""
    label: str = ""
    side: str = "right"


@dataclass(frozen=True)
class Mistake:
    """``sentence`` is true whatever the code looks like; ``when`` has sentences that say more, each under the fact that
    makes it true: one found in the code, or the fault that named the mistake. ``hint`` is for a teacher; ``examples``
    are implementation cells."""

    name: str
    sentence: str
    when: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    hint: str = ""
    examples: tuple[str, ...] = ()


# --- shared with the notebook's check cell: end
