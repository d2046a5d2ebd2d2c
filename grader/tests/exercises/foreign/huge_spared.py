# expected: fails
# R6: elements with |x| > 1e12 are never dropped ("overflow guard"), so the coin depends on the value of x.
import numpy as np


class VarianceStabilizedDropout:
    GUARD = 1e12

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        drop = self.rng.random(x.shape) < self.p
        drop &= ~(np.abs(x) > self.GUARD)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=~drop)
        return out

    __call__ = forward
