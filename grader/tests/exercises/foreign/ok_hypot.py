# expected: passes
# s as the hypotenuse of 1 and the square root of the odds p/(1-p), since 1 + p/(1-p) = 1/(1-p).
import math
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

    @property
    def scale(self):
        odds = self.p / (1.0 - self.p)
        return math.hypot(1.0, math.sqrt(odds))

    def forward(self, x):
        if not self.training or not self.p:
            return x
        u = self.rng.random(x.shape[::-1]).T           # coins in column order
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.scale, out=y, where=u >= self.p)
        return y

    __call__ = forward
