"""Mistakes of the mask: how many are dropped, and whether each has a coin of its own (R6)."""

from __future__ import annotations

from grader.exercises.dropout.known import DRAW, MASK, REPAIR, RESULT, beside, repaired
from grader.exercises.dropout.mistakes.record import Law, Mistake, Sign

KEEP = "keep_prob = 1.0 - self.p"

MISTAKES = (
    Mistake(
        "p taken as the probability of keeping",
        "Your p is a probability of keeping: at p = {p:g} you keep {f:.0%}. Here p is the probability of dropping.",
        signs=(
            Sign(Law(a=1), Law(a=-0.5), label="p taken as keeping", side="above"),
            Sign(Law(a=1), Law(a=-1)),
        ),
        hint="Papers and courses differ: write on the board that p drops here.",
        examples=(
            repaired((KEEP, "keep_prob = max(self.p, 1e-9)")),
            repaired(REPAIR, (KEEP, "keep_prob = max(self.p, 1e-9)")),
        ),
    ),
    Mistake(
        "mask reversed",
        "At p = {p:g} you keep {f:.0%} of the units, the contract {q:.0%}: is what you keep what should be dropped?",
        when={"comparison": "At p = {p:g} you keep {f:.0%} of the units: look at the direction of the comparison."},
        signs=(Sign(Law(a=1), label="mask reversed", side="below"),),
        hint="Let them say the line aloud: a unit is kept if its random number is … than …",
        examples=(
            beside((f"{DRAW} < keep_prob", f"{DRAW} >= keep_prob")),
            beside((f"{DRAW} < keep_prob", f"{DRAW} < self.p")),
            repaired((f"{DRAW} < keep_prob", f"{DRAW} < self.p")),
            beside((MASK, "mask = self.rng.binomial(1, self.p, x.shape)")),
            beside((MASK, "mask = ~(self.rng.random(x.shape) < keep_prob)")),
        ),
    ),
    Mistake(
        "everything dropped",
        "Every unit is dropped at p = {p:g}: print the mask, and the numbers that it is made of.",
        signs=(Sign(Law(factor=0)),),
        hint="Print the mask itself: does it hold random numbers at all?",
        examples=(beside((f"{DRAW} < keep_prob", f"{DRAW} > 2")),),
    ),
    Mistake(
        "nothing dropped",
        "No unit is dropped in training at p = {p:g}: does a mask of zeros and ones reach x?",
        signs=(Sign(Law(), label="nothing dropped"),),
        hint="Print the mask, and then the line in which x meets it.",
        examples=(beside(("y = x * mask * scale", "y = x * scale")),),
    ),
    Mistake(
        "normal numbers for uniform ones",
        "You keep {f:.3f} at p = {p:g}: comparing with a probability wants uniform numbers from 0 to 1; yours are "
        "normal.",
        signs=tuple(
            Sign(law, code="normal numbers")
            for law in (
                Law(b=1, normal=True),
                Law(a=1, normal=True),
                Law(a=1, factor=-1, normal=True),
                Law(b=1, factor=-1, normal=True),
            )
        ),
        hint="Plot rng.normal and rng.random side by side: P(u < 0.7) is 0.7 for one.",
        examples=(
            beside((DRAW, "self.rng.standard_normal(x.shape)")),
            beside((f"{DRAW} < keep_prob", "self.rng.standard_normal(x.shape) >= self.p")),
        ),
    ),
    Mistake(
        "fraction off",
        "The fraction kept is not 1-p: {detail}.",
        when={
            "fraction varies": "The number of survivors is not that of independent coins with probability 1-p: in some "
            "calls there are too many or too few."
        },
        faults=("fraction", "fraction varies"),
        signs=(Sign(Law(b=2)),),  # dropped twice
        hint="Let them count survivors of 100,000, and give the standard error next to it.",
        examples=(
            beside((f"{DRAW} < keep_prob", f"{DRAW} < keep_prob - 0.05")),
            beside((MASK, "mask = self.rng.integers(0, 10, x.shape) < round(10 * keep_prob)")),
        ),
    ),
    Mistake(
        "mask ignores p",
        "You keep {f:.3f} at every rate: your mask does not follow p.",
        hint="Change p and look at the fraction kept: which line should have noticed?",
        examples=(beside((f"{DRAW} < keep_prob", f"{DRAW} < 0.5")),),
    ),
    Mistake(
        "one coin for the whole array",
        "One number decides for the whole array: {detail}. Draw one for each element.",
        faults=("one coin",),
        hint="Print the mask's shape. A mask of one number drops all or nothing.",
        examples=(beside((DRAW, "self.rng.random()")),),
    ),
    Mistake(
        "no exact zeros",
        "Dropped means exactly zero, and {detail}: what becomes of a dropped element in your code?",
        faults=("no zeros",),
        hint="Ask what a later layer sees: a small number is not an absent unit.",
        examples=(beside((RESULT, "return np.where(mask, y, 1e-9).astype(x.dtype)")),),
    ),
    Mistake(
        "counts too regular",
        "The coins are not independent: {detail}. Each unit has its own coin; nobody fixes the number of winners.",
        faults=("regular",),
        hint="Independent coins do not take turns: compare the counts of ten real tosses.",
        examples=(beside((MASK, "mask = self.rng.permutation(x.size).reshape(x.shape) < round(keep_prob * x.size)")),),
    ),
    Mistake(
        "masks repeat",
        "The masks are not drawn afresh: {detail}. Seed once, in __init__, and draw in every call.",
        faults=("same", "repeat"),
        hint="Call the layer twice and compare. Where is the generator made, and how often?",
        examples=(
            beside((DRAW, "np.random.default_rng(0).random(x.shape)")),
            beside(("np.random.default_rng(rng)", "np.random.default_rng(0 if rng is None else rng)")),
            beside((DRAW, "np.random.default_rng(int(self.rng.integers(3))).random(x.shape)")),
        ),
    ),
    Mistake(
        "mask has a pattern",
        "The mask has a pattern: {detail}. Draw one number for each element, in the shape of x.",
        faults=("structure", "irregular"),
        hint="Draw the mask as an image: rows, columns and stripes show at once.",
        examples=(
            beside((DRAW, "self.rng.random(x.shape[-1:])")),
            beside((DRAW, "self.rng.random((*x.shape[:1], *(1,) * (x.ndim - 1)))")),
            beside((MASK, "mask = ((np.arange(x.size) * 0.618 + self.rng.random()) % 1 < keep_prob).reshape(x.shape)")),
            beside(
                (MASK, "mask = ((np.arange(x.size) + self.rng.integers(20)) % 20 < 20 * keep_prob).reshape(x.shape)")
            ),
            beside((DRAW, "np.repeat(self.rng.random(-(-x.size // 4)), 4)[: x.size].reshape(x.shape)")),
        ),
    ),
    Mistake(
        "fraction depends on position",
        "Every unit has the same probability, and {detail}.",
        faults=("position",),
        hint="Average many masks position by position: every unit has the same chance.",
        examples=(
            beside(
                (
                    MASK,
                    "mask = (self.rng.random(x.size) < np.clip(keep_prob + 0.1 * np.linspace(-1, 1, x.size), 0, 1))"
                    ".reshape(x.shape)",
                )
            ),
        ),
    ),
    Mistake(
        "mask depends on x",
        "Who is dropped may not depend on the values, and {detail}.",
        faults=("follows x",),
        hint="Feed x and then 10·x with the same seed: may the mask change?",
        examples=(
            beside(
                (MASK, "mask = self.rng.random(x.shape) < np.clip(keep_prob + 0.1 * np.tanh(np.abs(x) - 0.8), 0, 1)")
            ),
        ),
    ),
)
