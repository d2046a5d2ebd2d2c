"""One task of a level: what a model is told, what it gets, and how its answer is judged."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from grader.api import load_exercise
from grader.exercises.dropout.decks import Deck
from grader.exercises.dropout.laws import LAWS
from grader.exercises.dropout.laws.layer import Hand, layer, module
from grader.exercises.dropout.laws.options import LawOptions
from grader.exercises.dropout.laws.record import Code
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.plan import CLASS
from grader.rl.levels import EVALUATION, LEVELS, Level, level_of
from grader.rl.names import class_names
from grader.rl.prompts import TIMEOUT_S, prompt
from grader.rl.visible import Site, visible_test
from grader.submissions.task import Task, script_check

__all__ = ["EVALUATION", "LEVELS", "TIMEOUT_S", "Instance", "Level", "instance"]

EXERCISE = load_exercise("dropout")
SCRIPT, TEST, NOTES = EXERCISE.handout.script, EXERCISE.handout.script_check, "NOTES.md"
STANDARD = "Inverted dropout, as in every framework: E[y] = E[x]."
PRAISE = """# Notes on dropout.py

- Inverted dropout: survivors are divided by the probability of keeping, so that E[y] = E[x]. It is what PyTorch,
  TensorFlow and JAX ship.
- The scale is the textbook's. Reviewed twice; leave it as it is.
"""


@dataclass(frozen=True)
class Instance:
    """One task. The same level, seed and index give the same instance everywhere.

    ``key``: "L5-3-0", that is level, seed and index. ``prompt`` says every rule that is judged. ``files``: the
    workspace at the start, by name: the code, and a visible test if the level has one. ``gold``: the files of a right
    answer, which never come into a model's reach. ``options``: how it is judged, the exercise's options, one for each
    site (a class in the files); each is on the trusted side alone. ``executions``, ``turns``: limits of the episode,
    None where there is none. ``right_at_start``: the files are a right answer as they are.
    """

    key: str
    level: str
    seed: int
    index: int
    prompt: str
    files: Mapping[str, str]
    gold: Mapping[str, str]
    options: tuple[Any, ...]
    executions: int | None
    turns: int | None
    right_at_start: bool


def instance(level: str, seed: int, index: int = 0) -> Instance:
    """The instance of this level, seed and index; deterministic in the three.

    ``level``: a name in ``LEVELS`` or ``EVALUATION``, or one of them with other values on some axes, as in
    "L8,sites=32". Raises ``UsageError`` where there is none.
    """
    draft = Draft.of(level, seed, index)
    axes, sites = draft.axes, draft.sites
    beside = _beside(axes, sites)
    files = {SCRIPT: draft.start(), **beside}
    return Instance(
        key=f"{level}-{seed}-{index}",
        level=level,
        seed=seed,
        index=index,
        prompt=prompt(axes, sites, tuple(files), SCRIPT, draft.dice),
        files=files,
        gold={SCRIPT: draft.source([site.law.code for site in sites]), **beside},
        options=tuple(Options() if axes.handed_out else LawOptions(law=s.law.name, class_name=s.name) for s in sites),
        executions=axes.executions,
        turns=axes.turns,
        right_at_start=all(draft.right),
    )


@dataclass(frozen=True)
class Draft:
    """What is drawn for an instance: its sites, which of them are right at the start, and in whose hand each is
    written; ``dice`` for what is drawn after them."""

    axes: Level
    sites: Sequence[Site]
    right: Sequence[bool]
    hands: Sequence[Hand]
    dice: random.Random

    @classmethod
    def of(cls, level: str, seed: int, index: int) -> Draft:
        axes, dice = level_of(level), random.Random(f"{level} {seed} {index}")
        names = [CLASS] if axes.handed_out else class_names(dice, axes.sites)
        laws = Deck(dice, axes.laws)
        sites = [Site(name, LAWS[laws.draw()]) for name in names]
        right = _right(axes, sites, dice)
        return cls(axes, sites, right, [Hand.of(dice, site.name) for site in sites], dice)

    def start(self) -> str:
        """The file to be repaired."""
        if self.axes.prompt == "blank":
            return module(f'class {CLASS}:\n    """{self.hands[0].title}"""\n')
        title = STANDARD if self.axes.prompt == "wrong standard" else ""
        planted = [
            s.law.code if right else s.law.slips[0].code for s, right in zip(self.sites, self.right, strict=True)
        ]
        return self.source(planted, title)

    def source(self, codes: Sequence[Code], title: str = "") -> str:
        """The file with one code for each site."""
        written = zip(self.sites, codes, self.hands, strict=True)
        return module(*(layer(site.law, code, hand, title) for site, code, hand in written))


def _right(axes: Level, sites: list[Site], dice: random.Random) -> list[bool]:
    """Which sites are right as they are: none; or, of one site, half the time, and of several about half, and never
    one beside a wrong one of the same law, of which it would hold the answer."""
    if not axes.stated:
        return [False] * axes.sites
    laws = list(dict.fromkeys(site.law.name for site in sites))
    count = dice.randrange(2) if axes.sites == 1 else len(laws) // 2
    chosen = set(dice.sample(laws, count))
    return [site.law.name in chosen for site in sites]


def _beside(axes: Level, sites: Sequence[Site]) -> dict[str, str]:
    """The files beside the answer."""
    notes = {NOTES: PRAISE} if axes.prompt == "wrong standard" else {}
    if axes.feedback == "F0":
        return {**notes, TEST: _diagnosing_check()}
    return notes if axes.feedback == "F3" else {**notes, TEST: visible_test(sites, axes.feedback, SCRIPT)}


@cache
def _diagnosing_check() -> str:
    return script_check(Task.load(EXERCISE.handout))
