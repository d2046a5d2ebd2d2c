"""Options for a layer of another law, or of another name."""

from __future__ import annotations

from dataclasses import dataclass

from grader.exercises.dropout.laws import LAWS
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.plan import CLASS


@dataclass(frozen=True)
class LawOptions(Options):
    """``law``: its name in ``laws.LAWS``; ``class_name``: the class that is to keep it. Not on the command line: what
    is handed out there is about one law and one class. Raises ``ValueError`` for a law that is not there."""

    law: str = "variance"
    class_name: str = CLASS

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.law not in LAWS:
            raise ValueError(f"law: {self.law!r} is none of {', '.join(LAWS)}")
        if not self.class_name.isidentifier():
            raise ValueError(f"class_name: a name in Python, got {self.class_name!r}")
