# expected: fails
# R6 'independent of every other call': every second call of one size uses the former call's coins, rolled round by a random offset: place by place the calls look independent, but the counts of the pair are equal.
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
        self._kept = {}

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
        u = self._kept.pop(x.size, None)
        if u is None:
            u = self._kept[x.size] = self.rng.random(x.size)
        else:
            u = np.roll(u, int(self.rng.integers(x.size)))
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
