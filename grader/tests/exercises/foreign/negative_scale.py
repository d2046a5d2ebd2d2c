# expected: fails
# R7 'one s for all elements': kept negative elements are scaled by s*1.0004, positive ones by s.
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
        if not self.training or self.p == 0.0:
            return x
        drop = self.rng.random(x.shape) < self.p
        s = np.where(x < 0, 1.0004 * self.scale, self.scale).astype(x.dtype)
        return np.where(drop, x.dtype.type(0), x * s)

    def __call__(self, x):
        return self.forward(x)
