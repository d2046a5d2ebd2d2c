# expected: fails
# R6: above 4096 elements a fixed number of positions, n*p up to random rounding, is dropped in a random permutation; every rate is right, but the count never varies, so the coins are dependent.
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

    def _drop(self, n):
        if n <= 4096:
            return self.rng.random(n) < self.p
        k = int(n * self.p + self.rng.random())
        drop = np.zeros(n, bool)
        drop[:k] = True
        return self.rng.permutation(drop)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = ~self._drop(x.size).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
