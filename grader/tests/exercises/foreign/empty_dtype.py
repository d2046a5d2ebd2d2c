# expected: fails
# R3: the early return for empty arrays builds np.zeros(shape), so an empty float32 input comes back as float64 in training.
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0 <= p < 1):
            raise ValueError(f"dropout probability must be in [0, 1), got {p}")
        self.p = float(p)
        self.training = True
        self._rng = np.random.default_rng(rng)
        self._scale = 1.0 / math.sqrt(1.0 - self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if x.size == 0:                       # nothing to do, avoid warnings
            return np.zeros(x.shape)
        out = np.zeros(x.shape, dtype=x.dtype)
        keep = self._rng.random(x.shape) >= self.p
        np.multiply(x, self._scale, out=out, where=keep)
        return out
