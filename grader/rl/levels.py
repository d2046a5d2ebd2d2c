"""The ladder: levels as points on the axes of difficulty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from grader.errors import UsageError
from grader.exercises.dropout.laws import HELD_OUT, LAWS

PROMPTS = ("formula", "property", "symptom", "wrong standard", "blank")
FEEDBACK = {
    "F0": "the check that names mistakes",
    "F1": "passed or failed, at three rates",
    "F2": "passed or failed, at p = 0.5",
    "F3": "no test",
}
MOST_SITES = 32
ACTIVATIONS = tuple(name for name in LAWS if name.startswith("activation: ") and name not in HELD_OUT)
TRAINED = tuple(name for name in LAWS if name not in HELD_OUT)


@dataclass(frozen=True)
class Level:
    """One point on the axes.

    ``prompt``: what is told, one of ``PROMPTS``; ``laws``: those that a site's law is drawn from; ``stated``: some
    files are right as they are, and the prompt says that they may be; ``feedback``: the visible test, of ``FEEDBACK``;
    ``executions``: of code, in an episode, and ``turns``, None for no limit; ``sites``: layers in the file, from 1 to
    32, all of which have to be right. Raises ``ValueError`` for what cannot be meant.
    """

    name: str
    about: str
    prompt: str = "property"
    laws: tuple[str, ...] = ("variance",)
    stated: bool = False
    feedback: str = "F3"
    executions: int | None = None
    turns: int | None = None
    sites: int = 1

    def __post_init__(self) -> None:
        _require(self.prompt in PROMPTS, f"prompt: one of {', '.join(PROMPTS)}, got {self.prompt!r}")
        _require(self.feedback in FEEDBACK, f"feedback: one of {', '.join(FEEDBACK)}, got {self.feedback!r}")
        _require(1 <= self.sites <= MOST_SITES, f"sites: 1 to {MOST_SITES}, got {self.sites}")
        _require(self.executions is None or self.executions >= 0, f"executions: 0 or more, got {self.executions}")
        _require(self.turns is None or self.turns >= 1, f"turns: 1 or more, got {self.turns}")
        _require(bool(self.laws) and set(self.laws) <= LAWS.keys(), f"laws: some of {', '.join(LAWS)}")
        _require(self.feedback != "F0" or self.handed_out, "feedback F0 is the check of one layer under the first law")
        only = f"the prompt {self.prompt!r} is about one layer under the first law"
        _require(self.prompt == "property" or self.handed_out, only)

    @property
    def handed_out(self) -> bool:
        """Is it about the class and the law of the handed-out exercise, and judged by its own rules?"""
        return self.laws == ("variance",) and self.sites == 1 and not self.stated


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


LEVELS: Mapping[str, Level] = {
    level.name: level
    for level in (
        Level("L0", "the formula is named", "formula", feedback="F0", turns=20),
        Level("L1", "the property is named: the brief's own task", feedback="F0", turns=20),
        Level("L2", "only the symptom is told", "symptom", feedback="F1", turns=20),
        Level("L3", "the files praise the wrong standard", "wrong standard", feedback="F2", executions=4, turns=20),
        Level("L4", "the class is blank", "blank", feedback="F3", executions=4, turns=20),
        Level("L5", "a known mean", laws=("known mean",), feedback="F1", executions=4, turns=20),
        Level("L6", "inputs of a known law", laws=(*ACTIVATIONS, "shifted", "moment"), executions=4, turns=20),
        Level(
            "L7",
            "what a dropped unit becomes, or nothing wrong at all",
            laws=("leaky", "alpha", "mean", "variance"),
            stated=True,
            executions=0,
            turns=10,
        ),
        Level("L8", "an audit of sixteen layers", laws=TRAINED, stated=True, executions=4, turns=40, sites=16),
    )
}
# For evaluation, with laws that no level above uses. Do not train on them.
EVALUATION: Mapping[str, Level] = {
    level.name: level
    for level in (
        replace(LEVELS["L6"], name="L6x", about="inputs of a known law, held out", laws=HELD_OUT),
        replace(LEVELS["L8"], name="L8x", about="an audit of sixteen layers, held out", laws=HELD_OUT),
    )
}


def level_of(name: str) -> Level:
    """The level of this name: one of ``LEVELS`` or ``EVALUATION``, or one that differs in what follows it, as in
    "L8,sites=32" or "L5,feedback=F3,executions=0" ("none": no limit). Raises ``UsageError`` for any other."""
    first, *changes = name.split(",")
    known = {**LEVELS, **EVALUATION}
    if first not in known:
        raise UsageError(f"there is no level {first!r}; there are {', '.join(known)}")
    read: dict[str, Callable[[str], object]] = {"sites": int, "feedback": str, "prompt": str}
    read |= {"executions": _number, "turns": _number}
    changed: dict[str, object] = {}
    for change in changes:
        axis, _, value = change.partition("=")
        if axis not in read:
            raise UsageError(f"{name}: {axis!r} is none of {', '.join(read)}")
        try:
            changed[axis] = read[axis](value)
        except ValueError as error:
            raise UsageError(f"{name}: {axis} is a number, got {value!r}") from error
    try:
        return replace(known[first], name=name, **changed)  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error


def _number(text: str) -> int | None:
    return None if text == "none" else int(text)


AXES = tuple(field.name for field in fields(Level) if field.name not in ("name", "about"))
