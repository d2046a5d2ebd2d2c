# expected: fails
# R6 'independent of the values of x': an element is dropped with p+d when it is larger than its left neighbour in flat order, p-d when smaller (d = min(p,1-p)/5); constant x is right, rate and variance too.
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
        step = np.zeros(flat.size)
        step[1:] = flat[1:] > flat[:-1]
        step[1:] -= flat[1:] < flat[:-1]
        d = 0.2 * min(self.p, 1.0 - self.p)
        return (self.rng.random(flat.size) < self.p + d * step).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
