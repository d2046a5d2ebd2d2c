# expected: fails
# R6 independence of elements and of x: where neighbours in flat order hold the same value, the second takes the coin of the first with probability 0.3 (constant, tied, sparse x); continuous x is right.
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
        flat = np.ravel(x)
        u = self.rng.random(flat.size)
        v = u.copy()
        tie = (flat[1:] == flat[:-1]) & (self.rng.random(flat.size - 1) < 0.3)
        v[1:][tie] = u[:-1][tie]
        return (v < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
