# expected: fails
# R7 (and R9): s is the binomial series of 1/sqrt(1-p) cut after 30 terms - right to 1e-5 up to p = 0.7, 1.2 % too small at 0.9, 8 % at 0.95, 44 % at 0.99 - and no root or power stands in the code.
import numpy as np

_HALF = float("0.5")


class VarianceStabilizedDropout:
    """Kept elements are scaled by 1/sqrt(1 - p), i.e. (1 - p)**(-0.5)."""

    def __init__(self, p=_HALF, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        term, total = 1.0, 1.0
        for k in range(1, 30):
            term *= self.p * (2 * k - 1) / (2 * k)
            total += term
        self.s = total

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=out, where=self.rng.random(x.shape) >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)
