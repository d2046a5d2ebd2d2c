# expected: fails
# R6 'independent of every other element': element 2k+1 uses 10*u mod 1 of element 2k, which is independent exactly at p = 0.1, 0.2, ... 0.9 and not between (correlation 0.05 to 0.09 of even-odd neighbours at 0.05, 0.15, ... 0.95).
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
        u = self.rng.random(x.size)
        k = x.size // 2
        u[1:2 * k:2] = (10.0 * u[0:2 * k:2]) % 1.0
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
