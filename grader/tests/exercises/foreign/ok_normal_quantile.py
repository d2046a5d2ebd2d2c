# expected: passes
# Coins from Gaussians: dropped where a standard normal lies below the p-quantile of statistics.NormalDist.
from statistics import NormalDist
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._q = NormalDist().inv_cdf(p) if p > 0.0 else float("-inf")
        # Var[y] = (1-p) s^2 Var[x]: the factor turns sigma into sigma / sqrt(1-p)
        self._sigma = (1.0 - p) ** 0.5

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = self.rng.standard_normal(x.shape) >= self._q
        y = np.zeros(x.shape, x.dtype)
        np.divide(x, self._sigma, out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
