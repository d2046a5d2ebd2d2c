"""The planted bug, the reference and every known mistake, as sources of the implementation cell.

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

_GUARD = 'if not 0 <= p < 1:\n            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")'
_DRAW = "self.rng.random(x.shape)"
_MASK = "mask = self.rng.random(x.shape) < keep_prob"
_SCALE = "scale = 1.0 / keep_prob"
_RESULT = "return y.astype(dtype, copy=False)"
_RETURN_X = "if not self.training:\n            return x"
_REPAIR = (_SCALE, "scale = 1.0 / np.sqrt(keep_prob)")


def repaired(*changes: tuple[str, str]) -> str:
    """The starting cell with pieces replaced; each piece must be there."""
    source = START
    for old, new in changes:
        if old not in source:
            raise ValueError(f"the cell does not hold {old!r}")
        source = source.replace(old, new)
    return source


def _scale(expression: str) -> str:
    return repaired((_SCALE, f"scale = {expression}"))


def _beside(*changes: tuple[str, str]) -> str:
    """The right scale, and something else wrong."""
    return repaired(_REPAIR, *changes)


REFERENCE = repaired(_REPAIR)

MISTAKES: dict[str, tuple[str, ...]] = {
    "inverted dropout": (_scale("np.reciprocal(keep_prob)"), _scale("keep_prob ** -1")),
    "the right factor, more than once": (
        _scale("(1.0 / np.sqrt(keep_prob)) ** 2"),
        repaired(_REPAIR, ("y = x * mask * scale", "y = x * mask * scale / np.sqrt(keep_prob)")),
        repaired(("y = x * mask * scale", "y = x * mask * scale / np.sqrt(keep_prob)")),
    ),
    "divided by p": (_scale("1.0 / self.p"),),
    "root of p": (_scale("1.0 / np.sqrt(self.p)"),),
    "p taken as the probability of keeping": (
        repaired(("keep_prob = 1.0 - self.p", "keep_prob = max(self.p, 1e-9)")),
        repaired(_REPAIR, ("keep_prob = 1.0 - self.p", "keep_prob = max(self.p, 1e-9)")),
    ),
    "mask reversed": (
        _beside((f"{_DRAW} < keep_prob", f"{_DRAW} >= keep_prob")),
        _beside((f"{_DRAW} < keep_prob", f"{_DRAW} < self.p")),
        repaired((f"{_DRAW} < keep_prob", f"{_DRAW} < self.p")),
    ),
    "root not inverted": (_scale("np.sqrt(keep_prob)"),),
    "test-time factor in training": (_scale("keep_prob"),),
    "** before /": (_scale("keep_prob ** -1/2"), _scale("1 / keep_prob ** 1/2"), _scale("keep_prob ** 1/2")),
    "another power of p and 1-p": (
        _scale("1 / np.sqrt(max(self.p, 1e-9) * keep_prob)"),
        _scale("1 / keep_prob ** 2"),
        _scale("keep_prob ** -0.25"),
    ),
    "no scale": (_scale("1.0"), repaired(("y = x * mask * scale", "y = x * mask * 1.0"))),
    "normal numbers for uniform ones": (
        _beside((_DRAW, "self.rng.standard_normal(x.shape)")),
        _beside((f"{_DRAW} < keep_prob", "self.rng.standard_normal(x.shape) >= self.p")),
    ),
    "mask ignores p": (_beside((f"{_DRAW} < keep_prob", f"{_DRAW} < 0.5")),),
    "nothing dropped": (_beside(("y = x * mask * scale", "y = x * scale")),),
    "everything dropped": (_beside((f"{_DRAW} < keep_prob", f"{_DRAW} > 2")),),
    "one coin for the whole array": (_beside((_DRAW, "self.rng.random()")),),
    "modes exchanged": (_beside(("if not self.training", "if self.training")),),
    "scale measured from the data": (
        repaired(
            ("y = x * mask * scale", "y = x * mask; y = y * (np.std(x) / np.sqrt(np.var(y))) if y.any() else y")
        ),
        repaired(
            (
                "y = x * mask * scale",
                "y = x * mask; y = y * np.sqrt((x * x).sum() / (y * y).sum()) if y.any() else y",
            )
        ),
    ),
    "scale from the observed fraction": (_scale("1.0 / np.sqrt(max(mask.mean() if mask.size else 1.0, 1e-9))"),),
    "scale does not follow p": (
        _scale("2 ** 0.5"),
        _scale("1.1952"),
        _scale("round(keep_prob ** -0.5, 2)"),
        _scale("{0.3: 0.7 ** -0.5, 0.5: 2 ** 0.5, 0.7: 0.3 ** -0.5}.get(self.p, 1 / keep_prob)"),
        _scale("np.polyval(np.polyfit([0.3, 0.5, 0.7], [0.7 ** -0.5, 0.5 ** -0.5, 0.3 ** -0.5], 2), self.p)"),
    ),
    "scale differs between elements": (
        _beside(("y = x * mask * scale", "y = x * mask * scale * np.where(x > 0, 1, -1)")),
    ),
    "evaluation is not the identity": (
        _beside((_RETURN_X, "if not self.training:\n            return x * np.sqrt(1.0 - self.p)")),
        _beside((_RETURN_X, "")),
    ),
    "p = 0 is not the identity": (_beside((_SCALE.replace("1.0 / keep_prob", "1.0 / np.sqrt(keep_prob)"),
                                           "scale = 1.0 / np.sqrt(keep_prob) if self.p else 0.5")),),
    "bad p": (
        _beside((_GUARD, "pass")),
        _beside((_GUARD, _GUARD.replace("not 0 <= p < 1", "p < 0 or p >= 1"))),
        _beside((_GUARD, "assert 0 <= p < 1")),
    ),
    "x changed in place": (
        _beside(("y = x * mask * scale", "x *= mask; y = x * scale")),
    ),
    "dtype": (_beside((_RESULT, "return y")), _beside((_RESULT, "return y.astype(np.float32)"))),
    "wrong type": (_beside((_RESULT, "return y.tolist()")), _beside((_RESULT, "return y, mask")),
                   _beside((_RESULT, "self.y = y"))),
    "wrong shape": (_beside((_RESULT, "return y.ravel()")),),
    "raises in training or evaluation": (_beside((_DRAW, "self.rng.random(*x.shape)")),),
    "mask has a pattern": (
        _beside((_DRAW, "self.rng.random(x.shape[-1:])")),
        _beside((_DRAW, "self.rng.random((*x.shape[:1], *(1,) * (x.ndim - 1)))")),
        _beside((_MASK, "mask = ((np.arange(x.size) * 0.618 + self.rng.random()) % 1 < keep_prob).reshape(x.shape)")),
        _beside((_MASK, "mask = ((np.arange(x.size) + self.rng.integers(20)) % 20 < 20 * keep_prob).reshape(x.shape)")),
        _beside((_DRAW, "np.repeat(self.rng.random(-(-x.size // 4)), 4)[: x.size].reshape(x.shape)")),
    ),
    "masks repeat": (
        _beside((_DRAW, "np.random.default_rng(0).random(x.shape)")),
        _beside(("np.random.default_rng(rng)", "np.random.default_rng(0 if rng is None else rng)")),
        _beside((_DRAW, "np.random.default_rng(int(self.rng.integers(3))).random(x.shape)")),
    ),
    "counts too regular": (
        _beside((_MASK, "mask = self.rng.permutation(x.size).reshape(x.shape) < round(keep_prob * x.size)")),
    ),
    "mask depends on x": (
        _beside((_MASK, "mask = self.rng.random(x.shape) < np.clip(keep_prob + 0.1 * np.tanh(np.abs(x) - 0.8), 0, 1)")),
    ),
    "fraction depends on position": (
        _beside(
            (
                _MASK,
                "mask = (self.rng.random(x.size) < np.clip(keep_prob + 0.1 * np.linspace(-1, 1, x.size), 0, 1))"
                ".reshape(x.shape)",
            )
        ),
    ),
    "fraction off": (
        _beside((f"{_DRAW} < keep_prob", f"{_DRAW} < keep_prob - 0.05")),
        _beside((_MASK, "mask = self.rng.integers(0, 10, x.shape) < round(10 * keep_prob)")),
    ),
    "no exact zeros": (_beside((_RESULT, "return np.where(mask, y, 1e-9).astype(x.dtype)")),),
    "interface": (
        _beside(("def eval(self)", "def evaluate(self)")),
        _beside(("self.training = mode\n        return self", "self.training = mode")),
        _beside(("p=0.5, rng=None", "p=0.5")).replace("default_rng(rng)", "default_rng()"),
        _beside(("def forward", "def apply"), ("self.forward", "self.apply")),
        _beside(("        self.training = True\n", "        self.training = False\n")),
    ),
    "no root or power": (
        _scale(
            "1.0\n        for _ in range(60):\n            scale = (scale + 1 / (keep_prob * scale)) / 2"
        ),
    ),
}  # fmt: skip
