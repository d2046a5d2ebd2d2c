"""Mistakes of the layer around mask and scale: what it takes, gives back and leaves alone (R1–R5)."""

from __future__ import annotations

from grader.exercises.dropout.known import DRAW, GUARD, REPAIR, RESULT, RETURN_X, SCALE, beside, repaired
from grader.exercises.dropout.mistakes.record import Mistake

PRODUCT = "y = x * mask * scale"

MISTAKES = (
    Mistake(
        "correct",
        "Every rule of the contract holds.",
        hint="Ask for the limit: what happens to the mean, and what would this layer do to inputs with a mean?",
    ),
    Mistake(
        "not attempted",
        "Nothing has been changed yet: this is the cell as it was handed out, bug included. At p = {p:g} it multiplies "
        "the power by {power:.3g}; the contract says 1.",
        hint="They may not have found the one cell to edit. Show it, and run the check once together.",
    ),
    Mistake(
        "interface",
        "The layer's interface is broken: {detail}.",
        faults=("interface",),
        hint="Names are part of the contract: compare the class with section 5, line by line.",
        examples=(
            beside(("def eval(self)", "def evaluate(self)")),
            beside(("self.training = mode\n        return self", "self.training = mode")),
            beside(("p=0.5, rng=None", "p=0.5")).replace("default_rng(rng)", "default_rng()"),
            beside(("def forward", "def apply"), ("self.forward", "self.apply")),
            beside(("        self.training = True\n", "        self.training = False\n")),
        ),
    ),
    Mistake(
        "wrong type",
        "{detail}; the contract says an ndarray of x's shape and dtype.",
        faults=("type",),
        hint="Read rule R3 together: an array goes in, an array comes out.",
        examples=(
            beside((RESULT, "return y.tolist()")),
            beside((RESULT, "return y, mask")),
            beside((RESULT, "self.y = y")),
        ),
    ),
    Mistake(
        "wrong shape",
        "The result came back with {detail}; the contract says x's shape.",
        faults=("shape",),
        hint="Let them try a 3-d input: where does the shape get lost?",
        examples=(beside((RESULT, "return y.ravel()")),),
    ),
    Mistake(
        "raises in training or evaluation",
        "The layer raised {detail}.",
        faults=("raises",),
        hint="Read the last line of the error together; it names the call and the shape.",
        examples=(beside((DRAW, "self.rng.random(*x.shape)")),),
    ),
    Mistake(
        "modes exchanged",
        "Training and evaluation are the wrong way round: {detail}.",
        faults=("modes exchanged",),
        hint="Walk through train() and eval() by name: in which of them is a network used?",
        examples=(beside(("if not self.training", "if self.training")),),
    ),
    Mistake(
        "not finite",
        "The result is not finite: {detail}. Is something divided by zero, or multiplied by infinity?",
        faults=("not finite",),
        hint="Divide by hand at that p: which denominator is zero?",
        examples=(beside((PRODUCT, f"{PRODUCT} * np.nan")),),
    ),
    Mistake(
        "evaluation is not the identity",
        "In evaluation the layer gives back exactly x; yours: {detail}.",
        faults=("evaluation",),
        hint="Ask what a user expects of a trained network: the same answer twice.",
        examples=(
            beside((RETURN_X, "if not self.training:\n            return x * np.sqrt(1.0 - self.p)")),
            beside((RETURN_X, "")),
        ),
    ),
    Mistake(
        "p = 0 is not the identity",
        "At p = 0 nothing is dropped and the scale is 1, so y = x; yours: {detail}.",
        faults=("p = 0",),
        hint="Let them put p = 0 into the formula before they run it.",
        examples=(repaired((SCALE, f"{REPAIR[1]} if self.p else 0.5")),),
    ),
    Mistake(
        "bad p",
        "The contract asks for a ValueError unless 0 <= p < 1, and {detail}. (Every comparison with NaN is false.)",
        faults=("bad p",),
        hint="Let them find a p for which 1/√(1-p) is no number; NaN is worth five minutes of its own.",
        examples=(
            beside((GUARD, "pass")),
            beside((GUARD, GUARD.replace("not 0 <= p < 1", "p < 0 or p >= 1"))),
            beside((GUARD, "assert 0 <= p < 1")),
        ),
    ),
    Mistake(
        "x changed in place",
        "An array was written to that is not the layer's any more: {detail}. Build a new one, as x * mask does.",
        faults=("x changed",),
        hint="Show x before and after: x *= mask writes to somebody else's array.",
        examples=(beside((PRODUCT, "x *= mask; y = x * scale")),),
    ),
    Mistake(
        "dtype",
        "The result came back with {detail}; the contract asks for x's own dtype.",
        when={
            "no floats": "The result came back with {detail}; the contract asks for x's own dtype. Is it x that you "
            "return, masked and scaled?",
            "promoted": "The result came back with {detail}; the contract asks for x's own dtype. Cast the result "
            "to it: in NumPy 2 a single float64 number, as np.sqrt gives one, turns float32 into float64.",
        },
        faults=("no floats", "dtype", "promoted"),
        hint="NumPy 2 promotes with float64 scalars: print the dtype after each step.",
        examples=(
            beside((RESULT, "return y")),
            beside((RESULT, "return y.astype(np.float32)")),
            beside((RESULT, "return mask")),
        ),
    ),
)
