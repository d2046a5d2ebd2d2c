"""The rules of the contract, and what a layer is seen to do against them.

What stands between the two marks, here, in ``derivation``, ``flow``, ``mistakes.record`` and ``diagnosis``, stands word
for word in the notebook's check cell as well, with the records of the mistakes, less their hints and examples
(``grader.tests.refresh`` copies it, a test holds them together). So the lesson and the grader say the same about the
same mistake. It is plain Python that needs nothing but the standard library, and it does not hold the answer: what can
be copied is not derived.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# --- shared with the notebook's check cell: begin
# The rules of the contract (section 5), in few words.
TITLES = {
    "R1": "construction",
    "R2": "modes",
    "R3": "arrays",
    "R4": "evaluation is the identity",
    "R5": "p = 0 is the identity",
    "R6": "dropping",
    "R7": "scale",
    "R8": "variance",
    "R9": "derivation",
    "R10": "honesty",
}
CONTRACT = {
    "R1": "0 ≤ p < 1 is taken, anything else raises ValueError",
    "R2": "training is True at first; train() and eval() switch it and return the layer",
    "R3": "an ndarray of x's shape and dtype; x unchanged",
    "R4": "exactly x",
    "R5": "exactly x",
    "R6": "every element zero with probability p, independently",
    "R7": "one s for all kept elements, from p alone, with s²·(1-p) = 1",
    "R8": "Var[y] = Var[x] for zero-mean x",
    "R9": "a root or a power in the code",
    "R10": "the check cell as it went out",
}

# What can be seen to be wrong, and the rule that it breaks, in the order in which mistakes are best repaired. With the
# first there are no numbers to go by; before the others, the fraction kept and the scale name the mistake.
BEFORE_NUMBERS = {
    "interface": "R2",
    "type": "R3",
    "shape": "R3",
    "no floats": "R3",
    "raises": "R3",
    "modes exchanged": "R4",
    "one coin": "R6",
    "no zeros": "R6",
}
AFTER_NUMBERS = {
    "x changed": "R3",
    "scale inside": "R7",
    "scale by fraction": "R7",
    "scale by call": "R7",
    "follows x": "R6",
    "structure": "R6",
    "same": "R6",
    "regular": "R6",
    "irregular": "R6",
    "repeat": "R6",
    "position": "R6",
    "fraction": "R6",
    "fraction varies": "R6",
    "dtype": "R3",  # a number that another dtype cannot hold is no sign of anything else
    "evaluation": "R4",
    "p = 0": "R5",
    "not finite": "R7",
    "scale": "R7",
    "variance": "R8",
    "promoted": "R3",
    "bad p": "R1",
    "no root": "R9",
}
RULE_OF = BEFORE_NUMBERS | AFTER_NUMBERS


@dataclass(frozen=True)
class Seen:
    """What the layer was seen to do in training: at each rate p the fraction kept and the ratio y/x of the kept
    elements (NaN if they have no common one), and the faults by name, each with its measurement. ``lines``: of the
    answer, where a fault was raised; ``code``: facts found in the source."""

    rates: tuple[float, ...]
    kept: tuple[float, ...]
    scale: tuple[float, ...]
    published: tuple[float, ...]
    faults: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    code: frozenset[str] = frozenset()


# --- shared with the notebook's check cell: end
