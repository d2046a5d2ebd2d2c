# expected: correct
# np.where with the scaled array on one side and zero on the other.

import numpy as np


class VarianceStabilizedDropout(object):
    def __init__(self, p: float = 0.5, rng=None):
        p = float(p)
        if p != p or p < 0.0 or not p < 1.0:
            raise ValueError("p")
        self.p = p
        self.training = True
        self._g = np.random.default_rng(rng)

    def forward(self, x):
        if self.training is False:
            return x
        drop = self._g.random(size=x.shape) < self.p
        stretched = x / np.sqrt(1.0 - self.p)
        return np.where(drop, 0.0, stretched).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
