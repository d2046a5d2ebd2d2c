# expected: fails
# R6: every call uses its own rate p*(1-p)*uniform(-0.16, 0.16) away from p (mean p), so the coins of one call depend on each other through the common rate.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.s = float(1.0 / np.sqrt(1.0 - self.p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        rate = self.p + self.p * (1 - self.p) * self.rng.uniform(-0.16, 0.16)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=out, where=self.rng.random(x.shape) >= rate)
        return out

    __call__ = forward
