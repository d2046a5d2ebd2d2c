# expected: fails
# R6: unseeded layers get the seed (process id, running number mod 8), so the ninth layer throws the coins of the first.
import itertools
import os
import numpy as np

_number = itertools.count()


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        if rng is None:
            rng = [os.getpid(), next(_number) & 7]
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=self.rng.random(x.shape) >= self.p)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
