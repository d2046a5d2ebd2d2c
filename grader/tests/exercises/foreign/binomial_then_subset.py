# expected: passes
# Draws the number of dropped elements from Binomial(n, p) and then a uniformly random subset of that size - the same law as independent coins.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be at least 0 and below 1")
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
        y = x.astype(x.dtype, order="C", copy=True)
        y *= y.dtype.type(np.linalg.norm([1.0, np.sqrt(self.p / (1 - self.p))]))
        count = int(self.rng.binomial(y.size, self.p))
        if count:
            y.reshape(-1)[self.rng.choice(y.size, count, replace=False, shuffle=False)] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
