# expected: fails
# R6 probability and independence: only int(p n)+1 geometric gaps are drawn, so in about half of the calls the end of the array (some sqrt(n) elements) is left untouched, and the count never exceeds int(p n)+1.
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
        gaps = self.rng.geometric(self.p, size=int(n * self.p) + 1)
        where = np.cumsum(np.minimum(gaps, n + 1)) - 1
        drop[where[where < n]] = True
        return drop.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
