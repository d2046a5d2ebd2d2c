# expected: fails
# R6 'every element': the geometric gaps start one place too late, element 0 of every array is never dropped (an array of one element never loses it); all others are right.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        n = x.size
        drop = np.zeros(n, bool)
        at = 0
        while at < n:
            gaps = self.rng.geometric(self.p, size=int((n - at) * self.p * 1.1) + 16)
            where = at + np.cumsum(np.minimum(gaps, n + 1))
            drop[where[where < n]] = True
            at = int(where[-1])
        return drop.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
