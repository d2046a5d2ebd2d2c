# expected: fails
# R6: below p = 0.02 nothing at all is dropped (the scale is still applied), so the dropping probability is 0 instead of p.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
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
        s = float(1 / np.sqrt(1 - self.p))
        if self.p < 0.02:                     # fast path for negligible rates
            return (x * s).astype(x.dtype, copy=False)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, s, out=out, where=self.rng.random(x.shape) >= self.p)
        return out

    __call__ = forward
