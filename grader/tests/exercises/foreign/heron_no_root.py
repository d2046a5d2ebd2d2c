# expected: fails
# R9 'the code itself contains a root or a power': Heron's iteration finds s exactly, but no root, power, exp, log or 0.5 stands in the code (only in the docstring and in a comment; the two stars unpack a dict).
import numpy as np


class VarianceStabilizedDropout:
    """Dropout with y = x * (1 - p) ** -0.5, i.e. x / np.sqrt(1 - p), for kept elements."""

    def __init__(self, p=1 / 2, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must lie in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = self._heron(**{"a": 1 / (1 - self.p)})

    @staticmethod
    def _heron(a):
        r = a                       # -> sqrt(a)
        for _ in range(80):
            r = (r + a / r) / 2
        return r

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        drop = self.rng.random(x.shape) < self.p
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    __call__ = forward
