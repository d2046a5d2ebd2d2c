# expected: passes
# Draws the number of dropped elements from Binomial(n, p) and then that many distinct positions, which is the same law as independent coins.
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if math.isnan(p) or p < 0 or p >= 1:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        n = x.size
        keep = np.ones(n, dtype=bool)
        k = int(self.rng.binomial(n, self.p)) if n else 0
        if k:
            keep[self.rng.choice(n, size=k, replace=False, shuffle=False)] = False
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1.0 / math.sqrt(1.0 - self.p), out=y, where=keep.reshape(x.shape))
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
