# expected: fails
# R6: with an int seed the generator is built anew inside forward, so every call of one shape uses the same mask.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = rng
        self.training = True
        if rng is None:
            self.rng = np.random.default_rng()

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        rng = np.random.default_rng(self.rng)     # Generator -> itself
        keep = rng.random(x.shape) >= self.p
        return np.where(keep, x * (1 / (1 - self.p) ** 0.5), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
