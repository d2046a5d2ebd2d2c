# expected: fails
# R6 independence: every row along the last axis loses floor or ceil of p*L elements (rounded at random, so the mean is right); the row counts are far too regular.
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
        length = x.shape[-1]
        rows = x.size // length
        k = np.floor(length * self.p + self.rng.random(rows))
        ranks = self.rng.random((rows, length)).argsort(axis=1).argsort(axis=1)
        return (ranks < k[:, None]).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
