# expected: passes
# An element is dropped when a standard exponential falls below -log(1-p); the same logarithm gives s = exp(half of it).
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self._rng = np.random.default_rng(rng)
        self._hazard = -math.log1p(-self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        lifetime = self._rng.standard_exponential(x.shape)
        y = np.zeros_like(x, subok=False)
        np.multiply(x, math.exp(self._hazard / 2), out=y, where=lifetime >= self._hazard)
        return y

    def __call__(self, x):
        return self.forward(x)
