# expected: passes
# No state but closures: the coin is a function made in __init__, attributes sit in __slots__, and bits of the output are ANDed with an all-ones/all-zeros mask.
import numpy as np


def _make_kernel(p, rng):
    root = float(np.sqrt(1.0 - p))

    def kernel(x):
        native = x.dtype.newbyteorder("=")
        word = np.dtype(f"u{native.itemsize}")
        y = np.empty(x.shape, native)
        np.divide(x, root, out=y)
        ones = np.negative((rng.random(x.shape) >= p).astype(word))   # 0 or 111...1
        bits = y.view(word)
        bits &= ones
        return y.astype(x.dtype, copy=False)

    return kernel


class VarianceStabilizedDropout:
    __slots__ = ("p", "training", "_kernel")

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self._kernel = _make_kernel(self.p, np.random.default_rng(rng))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        return self._kernel(x) if self.training and self.p else x

    def __call__(self, x):
        return self.forward(x)
