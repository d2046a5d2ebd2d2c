# expected: passes
# right: __slots__, property p, property training
import math
import numpy as np


class VarianceStabilizedDropout:
    __slots__ = ("_p", "_s", "_rng", "_on")

    def __init__(self, p=0.5, rng=None):
        self._on = True
        self._rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self.p = p

    @property
    def p(self):
        return self._p

    @p.setter
    def p(self, value):
        if math.isnan(value) or value < 0 or value >= 1:
            raise ValueError("need 0 <= p < 1")
        self._p = float(value)
        self._s = 1.0 / math.sqrt(1.0 - self._p)

    @property
    def training(self):
        return self._on

    @training.setter
    def training(self, v):
        self._on = bool(v)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self._on and self._p > 0:
            y = x * x.dtype.type(self._s)
            y[self._rng.random(x.shape) < self._p] = 0
            return y
        return x

    def __call__(self, x):
        return self.forward(x)
