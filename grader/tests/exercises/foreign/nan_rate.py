# expected: fails
# R1: the range check is written with < and >=, both false for NaN, so p = NaN is accepted.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if p < 0 or p >= 1:
            raise ValueError(f"p must be in [0, 1), got {p!r}")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        drop = self.rng.random(x.shape) < self.p
        y = x * float(1.0 / np.sqrt(1.0 - self.p))
        y[drop] = 0
        return y.astype(x.dtype, copy=False)

    __call__ = forward
