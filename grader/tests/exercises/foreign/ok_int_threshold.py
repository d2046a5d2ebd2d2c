# expected: passes
# Coins are uint64 integers below 2**63 against the exactly representable threshold int(p * 2**63).
from math import isnan, ldexp
import numpy as np


class VarianceStabilizedDropout(object):

    def __init__(self, p=0.5, rng=None):
        if isnan(p) or p < 0 or p >= 1:
            raise ValueError("need 0 <= p < 1")
        p = float(p)
        if isinstance(rng, np.random.Generator):
            self._gen = rng
        else:
            self._gen = np.random.Generator(np.random.SFC64(rng))
        self.p = p
        self._limit = np.uint64(int(ldexp(p, 63)))
        self._factor = pow(1.0 - p, -1 / 2)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self.training and self.p > 0:
            coins = self._gen.integers(0, 1 << 63, size=x.shape, dtype=np.uint64)
            result = np.zeros(shape=x.shape, dtype=x.dtype)
            np.copyto(result, x, where=coins >= self._limit)
            result *= self._factor
            return result
        return x

    def __call__(self, x):
        return self.forward(x)
