# expected: fails
# R6 'with probability p': the rate is p + 0.01 sin(10 pi p): right at 0.1, 0.2, ... 0.9, up to 0.01 off between; the scale is exact.
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
        rate = self.p + 0.01 * np.sin(10.0 * np.pi * self.p)
        return self.rng.random(x.shape) < rate

    def __call__(self, x):
        return self.forward(x)
