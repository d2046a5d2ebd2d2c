# expected: passes
# An element survives two independent trials of probability r = sqrt(1-p) each, and the same r gives the scale 1/r.
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._r = math.sqrt(1.0 - self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = np.empty(x.shape, bool)
        np.less(self.rng.random(x.shape), self._r, out=keep)
        # only the survivors face the second trial
        keep[keep] = self.rng.random(np.count_nonzero(keep)) < self._r
        y = np.zeros(x.shape, x.dtype)
        np.divide(x, self._r, out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)
