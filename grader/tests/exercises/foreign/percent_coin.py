# expected: fails
# R6: the coin is an integer percentage, integers(0,100) < int(100*p), so the rate is truncated to whole per cents (0.29 -> 0.28, 0.345 -> 0.34, 0.009 -> 0).
import numpy as np


class VarianceStabilizedDropout:
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
        percent = int(100 * self.p)
        drop = self.rng.integers(0, 100, size=x.shape, dtype=np.uint8) < percent
        y = np.array(x, copy=True)
        y *= (1 - self.p) ** -0.5
        y[drop] = 0
        return y

    __call__ = forward
