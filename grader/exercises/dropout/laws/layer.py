"""A layer's source under a law: the right one, or one with a mistake, in one of many hands."""

from __future__ import annotations

import random
from dataclasses import dataclass

from grader.exercises.dropout.laws.record import Code, Law
from grader.exercises.dropout.plan import CLASS

KEEP = ("keep_prob", "keep", "q", "kept_share", "survival")
MASK = ("mask", "kept", "alive", "coins", "survivors")
SCALE = ("scale", "factor", "gain", "s", "weight")
RESULT = ("y", "out", "result", "output")
DRAWN = (
    "self.rng.random({x}.shape) < {q}",
    "self.rng.random({x}.shape) >= self.p",
    "~(self.rng.random({x}.shape) < self.p)",
)
NOTES = {  # one line each; none says anything of the law
    "keep": ("", "  # the probability of keeping", "  # what is not dropped"),
    "mask": ("", "  # one coin for each element", "  # True: kept"),
    "scale": ("", "  # makes up for what is lost", "  # of what is kept"),
    "cast": ("", "  # NumPy 2 promotes with float64 scalars"),
}
TITLES = (
    "Dropout as a layer.",
    "A dropout layer in numpy.",
    "Dropout for arrays of any shape.",
    "Randomly drops elements.",
)


@dataclass(frozen=True)
class Hand:
    """How a layer's author writes: names, comments, and the order of methods."""

    name: str = CLASS
    keep: str = "keep_prob"
    mask: str = "mask"
    scale: str = "scale"
    result: str = "y"
    drawn: str = DRAWN[0]
    notes: tuple[str, ...] = ("", "", "", "")
    title: str = TITLES[0]
    forward_first: bool = False

    @classmethod
    def of(cls, dice: random.Random, name: str) -> Hand:
        keep, mask, scale, result, drawn, title = (
            dice.choice(each) for each in (KEEP, MASK, SCALE, RESULT, DRAWN, TITLES)
        )
        notes = tuple(dice.choice(each) for each in NOTES.values())
        return cls(name, keep, mask, scale, result, drawn, notes, title, dice.random() < 0.5)


def layer(law: Law, code: Code, hand: Hand, title: str = "") -> str:
    """The class, which needs ``np`` and perhaps ``math``. ``title``: of its docstring, in place of the hand's."""
    names = {
        "q": hand.keep,
        "p": "self.p",
        "t": f"self.{law.argument}",
        "x": "x",
        "mask": hand.mask,
        "scale": hand.scale,
    }
    keep, mask, scale, cast = hand.notes
    extra = f", {law.argument}={law.default!r}" if law.argument else ""
    stored = f"        self.{law.argument} = {law.argument}\n" if law.argument else ""
    before = "".join(f"        {line.format(**names)}\n" for line in code.before)
    meaning = f"\n    {law.argument}: {law.meaning}." if law.argument else ""
    forward = f"""    def forward(self, x):
        x = np.asarray(x)
        if not self.training:
            return x
        {hand.keep} = 1.0 - self.p{keep}
        {hand.mask} = {hand.drawn.format(**names)}{mask}
{before}        {hand.scale} = {code.scale.format(**names)}{scale}
        {hand.result} = {code.output.format(**names)}
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64{cast}
        return {hand.result}.astype(dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)
"""
    modes = """    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
"""
    head = f'''class {hand.name}:
    """{title or hand.title}

    p: the probability of dropping an element.{meaning}
    """

    def __init__(self, p=0.5, rng=None{extra}):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {{p}}")
        self.p = p
{stored}        self.rng = np.random.default_rng(rng)
        self.training = True
'''
    return "\n".join((head, *((forward, modes) if hand.forward_first else (modes, forward))))


def module(*classes: str) -> str:
    """A file of these classes, with the imports that they rely on."""
    text = "\n\n".join(classes)
    imports = ("import math\n\n" if "math." in text else "") + "import numpy as np\n\n\n"
    return imports + text
