# expected: passes
# Two independent sieves with survival sqrt(1-p) each; the same root r gives P(keep) = r^2 and s = 1/r.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.root = float(np.sqrt(1.0 - p))
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        sieve = self.rng.random((2,) + x.shape) < self.root
        kept = np.nonzero(sieve.all(axis=0))
        y = np.zeros(x.shape, x.dtype)
        y[kept] = x[kept] / self.root
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
