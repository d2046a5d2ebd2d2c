# expected: fails
# R7: for fewer than 32 elements s is sqrt(n / number kept), i.e. depends on how many elements happened to be dropped.
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
        keep = self.rng.random(x.shape) >= self.p
        share = 1.0 - self.p
        if 0 < x.size < 32:                   # small layers: exact bookkeeping
            share = max(np.count_nonzero(keep), 1) / x.size
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(np.sqrt(1.0 / share)), out=out, where=keep)
        return out

    __call__ = forward
