# expected: correct
# Keeps p as an exact Fraction and converts when it multiplies.

import math
from fractions import Fraction


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not math.isfinite(p) or not 0 <= p < 1:
            raise ValueError("a finite p from 0 to below 1")
        self.q = 1 - Fraction(float(p))
        self.rng, self.training = np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        mask = self.rng.random(x.shape) < float(self.q)
        return x * mask * math.sqrt(1 / self.q)

    def __call__(self, x):
        return self.forward(x)
