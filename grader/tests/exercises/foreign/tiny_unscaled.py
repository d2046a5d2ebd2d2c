# expected: fails
# R7: kept elements with |x| < 1e-3 are passed with factor 1 instead of s.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True


    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=keep)
        small = keep & (np.abs(x) < 1e-3)        # noise need not be amplified
        y[small] = x[small]
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
