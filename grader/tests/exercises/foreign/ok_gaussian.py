# expected: passes
# Gaussian coins: an element is dropped when a standard normal lies below the p-quantile of the normal law (statistics.NormalDist).
from statistics import NormalDist
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.quantile = NormalDist().inv_cdf(self.p) if self.p > 0 else -float("inf")
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
        keep = self.rng.standard_normal(x.shape) >= self.quantile
        # sum of squares of the mask's second moment: E[m^2] = 1 - p
        s = 1.0 / float(np.linalg.norm([np.sqrt(1.0 - self.p)]))
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, s, out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)
