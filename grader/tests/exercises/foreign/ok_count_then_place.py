# expected: passes
# First the number of dropped elements, Binomial(n, p), then a uniformly random set of that many places: together exactly independent coins.
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
        n = x.size
        keep = np.ones(n, bool)
        if n:
            k = int(self.rng.binomial(n, self.p))
            keep[:k] = False
            self.rng.shuffle(keep)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, float((1 - self.p) ** -0.5), out=y, where=keep.reshape(x.shape))
        return y

    __call__ = forward
