"""From what was seen to which known mistake it is, and the sentence that the learner reads.

The part between the two marks is shared: see ``rules``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from grader.exercise.rules import Seen


# --- shared with the notebook's check cell: begin
def contract(p: float) -> float:
    """The scale that the contract asks for."""
    return 1.0 / math.sqrt(1.0 - p)


def normal_below(z: float) -> float:
    """P(Z < z) of a standard normal number."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


Law = Callable[[float], float]
# A mistake, the fraction it keeps and its scale, each as a function of p; None where the mistake leaves it open.
KNOWN: list[tuple[str, Law | None, Law | None]] = [
    ("p taken as the probability of keeping", lambda p: p, lambda p: p**-0.5),
    ("p taken as the probability of keeping", lambda p: p, lambda p: 1 / p),
    ("mask reversed", lambda p: p, None),
    ("everything dropped", lambda p: 0.0, None),
    ("nothing dropped", lambda p: 1.0, None),
    ("normal numbers for uniform ones", lambda p: normal_below(1 - p), None),
    ("normal numbers for uniform ones", lambda p: normal_below(p), None),
    ("normal numbers for uniform ones", lambda p: normal_below(-p), None),
    ("normal numbers for uniform ones", lambda p: normal_below(p - 1), None),
    ("fraction off", lambda p: (1 - p) ** 2, None),  # dropped twice
    ("inverted dropout", None, lambda p: 1 / (1 - p)),
    ("the right factor, more than once", None, lambda p: (1 - p) ** -1.5),
    ("divided by p", None, lambda p: 1 / p),
    ("root of p", None, lambda p: p**-0.5),
    ("root not inverted", None, lambda p: (1 - p) ** 0.5),
    ("test-time factor in training", None, lambda p: 1 - p),
    ("** before /", None, lambda p: 0.5 / (1 - p)),
    ("** before /", None, lambda p: 0.5 * (1 - p)),
    ("another power of p and 1-p", None, lambda p: (p * (1 - p)) ** -0.5),
    ("another power of p and 1-p", None, lambda p: (1 - p) ** -2.0),
    ("another power of p and 1-p", None, lambda p: (1 - p) ** -0.25),
    ("no scale", None, lambda p: 1.0),
]

SENTENCES = {
    "correct": "Every rule of the contract holds.",
    "not attempted": "Nothing has been changed yet: this is the cell as it was handed out, bug included. "
    "At p = {p:g} it multiplies the power by {power:.3g}; the contract says 1.",
    "inverted dropout": "This is ordinary inverted dropout: at p = {p:g} survivors grow by {r:.5g}, the mean is kept "
    "exactly and the power grows to {power:.3g} times. Which of the two does this layer promise?",
    "the right factor, more than once": "The right factor is in your code, but it is applied more than once: at "
    "p = {p:g} survivors grow by {r:.5g} and the power to {power:.3g} times. Follow one number from x to y.",
    "divided by p": "You divided by the probability of dropping: at p = {p:g} survivors grow by {r:.5g}. Who "
    "survives? (p = 0.5 hides this.)",
    "root of p": "The root is right; look at the probability under it. At p = {p:g} survivors grow by {r:.5g} and "
    "the power to {power:.3g} times. (p = 0.5 hides this.)",
    "p taken as the probability of keeping": "Your p is a probability of keeping: at p = {p:g} you keep {f:.0%}. "
    "Here p is the probability of dropping.",
    "mask reversed": "At p = {p:g} you keep {f:.0%} of the units: look at the direction of the comparison.",
    "everything dropped": "Every unit is dropped at p = {p:g}: does the comparison look at the random numbers?",
    "nothing dropped": "No unit is dropped in training at p = {p:g}: is the mask multiplied in?",
    "normal numbers for uniform ones": "You keep {f:.3f} at p = {p:g}: comparing with a probability wants uniform "
    "numbers from 0 to 1; yours look normal.",
    "mask ignores p": "You keep {f:.3f} at every rate: your mask does not follow p.",
    "root not inverted": "At p = {p:g} survivors shrink to {r:.5g} and the power falls to {power:.3g}. Dropping has "
    "already lost power: should survivors shrink or grow?",
    "test-time factor in training": "At p = {p:g} survivors shrink to {r:.2f}: this is the factor that the original "
    "paper applies at test time. The power falls to {power:.3g}; should survivors shrink or grow?",
    "** before /": "Your scale is {r:.5g} at p = {p:g}. In Python ** binds tighter than /, so -1/2 after ** is "
    "(… ** -1) / 2: print your scale, and mind the brackets.",
    "another power of p and 1-p": "Your scale is {r:.5g} at p = {p:g} and the power becomes {power:.3g} times what it "
    "was. The law is s² · (1-p) = 1: put your s into it.",
    "no scale": "Survivors go through untouched: at p = {p:g} the power falls to {power:.3g}. Something must make up "
    "for the part that is lost.",
    "scale does not follow p": "A number written down, rounded or fitted does not follow p: your scale is {r:.5g} at "
    "p = {p:g}, and the law does not hold at every rate. Compare p = 0.3 and p = 0.8.",
    "scale measured from the data": "Your scale differs from call to call ({detail}). It is a number computed from p "
    "alone, not from the data.",
    "scale from the observed fraction": "Your scale follows the fraction that happened to survive ({detail}). The "
    "coins' average is not the coin's probability.",
    "scale differs between elements": "The kept elements of one call are not multiplied by one number: {detail}.",
    "modes exchanged": "Training and evaluation are the wrong way round: {detail}.",
    "one coin for the whole array": "One number decides for the whole array: {detail}. Draw one for each element.",
    "no exact zeros": "Dropped means exactly zero, and {detail}: what takes the place of zero in your code?",
    "counts too regular": "The coins are not independent: {detail}. Each unit has its own coin; nobody fixes the "
    "number of winners.",
    "masks repeat": "The masks are not drawn afresh: {detail}. Seed once, in __init__, and draw in every call.",
    "mask has a pattern": "The mask has a pattern: {detail}. Draw one number for each element, in the shape of x.",
    "fraction off": "The fraction kept is not 1-p: {detail}.",
    "fraction depends on position": "Every unit has the same probability, and {detail}.",
    "mask depends on x": "Who is dropped may not depend on the values, and {detail}.",
    "evaluation is not the identity": "In evaluation the layer gives back exactly x; yours: {detail}.",
    "p = 0 is not the identity": "At p = 0 nothing is dropped and the scale is 1, so y = x; yours: {detail}.",
    "bad p": "The contract asks for a ValueError unless 0 <= p < 1, and {detail}. (NaN slips through p < 0 or p >= 1.)",
    "x changed in place": "The input was changed: {detail}. Build a new array: x * mask, not x *= mask.",
    "dtype": "The result came back with {detail}. NumPy 2's float64 scalar promotes: cast the result to x's dtype.",
    "wrong type": "{detail}; the contract says an ndarray of x's shape and dtype.",
    "wrong shape": "The result came back with {detail}; the contract says x's shape.",
    "raises in training or evaluation": "The layer raised {detail}.",
    "not finite": "The result is not a number: {detail}. Is something divided by zero?",
    "interface": "The layer's interface is broken: {detail}.",
    "no root or power": "The numbers are right, but the code holds no root and no power: derive the scale from p.",
    "unknown": "At p = {p:g} you keep {f:.3f} of the units (contract {q:.3f}) and survivors grow by {r:.5g} (contract "
    "{s:.5g}). This is not a mistake we know: go through the law with these numbers.",
}

# Faults that name their mistake alone: those that come before the numbers, and those that come after.
BEFORE_NUMBERS = {
    "interface": "interface",
    "type": "wrong type",
    "shape": "wrong shape",
    "raises": "raises in training or evaluation",
    "modes exchanged": "modes exchanged",
    "one coin": "one coin for the whole array",
    "no zeros": "no exact zeros",
}
AFTER_NUMBERS = {
    "x changed": "x changed in place",
    "scale inside": "scale differs between elements",
    "scale by fraction": "scale from the observed fraction",
    "scale by call": "scale measured from the data",
    "follows x": "mask depends on x",
    "structure": "mask has a pattern",
    "same": "masks repeat",
    "regular": "counts too regular",
    "irregular": "mask has a pattern",
    "repeat": "masks repeat",
    "position": "fraction depends on position",
    "fraction": "fraction off",
    "fraction varies": "fraction off",
    "evaluation": "evaluation is not the identity",
    "p = 0": "p = 0 is not the identity",
    "not finite": "not finite",
    "scale": "unknown",
    "variance": "unknown",
    "dtype": "dtype",
    "bad p": "bad p",
    "no root": "no root or power",
}


def diagnose(seen: Seen) -> tuple[str, str]:
    """The name of the mistake and the sentence for the learner; "correct" if nothing is wrong."""
    name, fault = name_mistake(seen)
    return name, sentence(name, seen, seen.faults.get(fault, ""))


def name_mistake(seen: Seen) -> tuple[str, str]:
    """The first mistake, in the order in which they are best repaired, and the fault that it was told by."""
    if not seen.faults:
        return "correct", ""
    for fault, name in BEFORE_NUMBERS.items():
        if fault in seen.faults:
            return name, fault
    by_numbers = name_by_numbers(seen)
    if by_numbers:
        return by_numbers, "fraction"
    for fault, name in AFTER_NUMBERS.items():
        if fault in seen.faults:
            return name, fault
    return "unknown", ""


def name_by_numbers(seen: Seen) -> str | None:
    """Two numbers at each rate, the fraction kept and the survivors' ratio, name most mistakes."""

    def keeps(law: Law) -> bool:
        return all(abs(f - law(p)) < 0.02 for p, f in zip(seen.rates, seen.kept, strict=True))

    def scales(law: Law, error: float = 1e-4) -> bool:
        return all(abs(s / law(p) - 1) < error for p, s in zip(seen.rates, seen.scale, strict=True))

    if any(math.isnan(f) for f in seen.kept):
        return None
    for name, kept, scale in KNOWN:
        if (kept is None or keeps(kept)) and (scale is None or scales(scale)):
            twice = name == "inverted dropout" and seen.takes_root
            return "the right factor, more than once" if twice else name
    if len(seen.rates) > 1 and max(seen.kept) - min(seen.kept) < 0.03:
        return "mask ignores p"
    if any(math.isnan(s) for s in seen.scale):
        return None
    if scales(contract):  # at these rates, but perhaps not at others
        moving = {"scale by call", "scale by fraction"} & seen.faults.keys()
        return "scale does not follow p" if "scale" in seen.faults and not moving else None
    near = [abs(s / contract(p) - 1) < 1e-4 for p, s in zip(seen.rates, seen.scale, strict=True)]
    constant = len(seen.scale) > 1 and max(seen.scale) - min(seen.scale) <= 1e-6 * abs(seen.scale[0])
    if any(near) or constant or scales(contract, 0.05):
        return "scale does not follow p"
    return None


def sentence(name: str, seen: Seen, detail: str = "") -> str:
    """The sentence of a mistake with the numbers at a published rate, p = 0.3 where it is one."""
    at = [k for k, p in enumerate(seen.rates) if p in seen.published and p != 0.5] or [0]
    p, f, r = (row[at[0]] if row else math.nan for row in (seen.rates, seen.kept, seen.scale))
    q = 1 - p
    power = r * r * (q if abs(f - q) < 0.02 else f)
    numbers = {"p": p, "q": q, "s": contract(p), "f": f, "r": r, "power": power}
    return SENTENCES[name].format(detail=detail, **numbers)


# --- shared with the notebook's check cell: end
