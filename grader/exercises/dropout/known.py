"""The planted bug and the reference, as sources of the implementation cell, and how other answers are made of them.

These never travel to a process that runs a submission. START is the notebook's own cell; a test holds them together.
"""

from __future__ import annotations

START = '''class VarianceStabilizedDropout:
    """Dropout that keeps the variance of zero-mean activations.

    p is the probability of dropping a unit.
    """

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training:
            return x
        keep_prob = 1.0 - self.p
        mask = self.rng.random(x.shape) < keep_prob
        scale = 1.0 / keep_prob
        y = x * mask * scale
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64
        return y.astype(dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)
'''

GUARD = 'if not 0 <= p < 1:\n            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")'
DRAW = "self.rng.random(x.shape)"
MASK = "mask = self.rng.random(x.shape) < keep_prob"
SCALE = "scale = 1.0 / keep_prob"
RESULT = "return y.astype(dtype, copy=False)"
RETURN_X = "if not self.training:\n            return x"
REPAIR = (SCALE, "scale = 1.0 / np.sqrt(keep_prob)")


def repaired(*changes: tuple[str, str]) -> str:
    """The starting cell with pieces replaced; each piece must be there."""
    source = START
    for old, new in changes:
        if old not in source:
            raise ValueError(f"the cell does not hold {old!r}")
        source = source.replace(old, new)
    return source


def scaled(expression: str) -> str:
    return repaired((SCALE, f"scale = {expression}"))


def beside(*changes: tuple[str, str]) -> str:
    """The right scale, and something else wrong."""
    return repaired(REPAIR, *changes)


REFERENCE = repaired(REPAIR)
