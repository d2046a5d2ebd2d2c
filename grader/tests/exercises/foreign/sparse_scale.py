# expected: fails
# R7: kept elements at flat positions 4095, 8191, ... are scaled with 1/(1-p) instead of 1/sqrt(1-p), one element in 4096.
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
        s = float(1 / np.sqrt(1 - self.p))
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, s, out=out, where=keep)
        flat = out.reshape(-1)
        flat[4095::4096] *= s
        return out

    __call__ = forward
