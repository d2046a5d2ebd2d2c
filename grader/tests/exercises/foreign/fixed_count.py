# expected: fails
# R6: every call drops exactly floor(n p) or ceil(n p) elements (random rounding keeps each marginal at p), so the coins of one call are dependent.
import math
import numpy as np


class VarianceStabilizedDropout:
    """Low-variance dropout: the number of dropped units is as near to n*p as it can be."""

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        n = x.size
        k = math.floor(n * self.p + self.rng.random())
        y = np.array(x, order="C", copy=True)
        y *= 1.0 / math.sqrt(1.0 - self.p)
        if k:
            y.reshape(-1)[self.rng.permutation(n)[:k]] = 0
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
