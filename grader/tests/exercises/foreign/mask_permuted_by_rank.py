# expected: passes
# Independent coins are put into the order of argsort(x) - a permutation of independent coins is as independent of x as before.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = np.float64(p)
        if not np.logical_and(p >= 0, p < 1):
            raise ValueError("p")
        self.p = p
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
        order = np.argsort(x, axis=None, kind="stable")
        keep = np.empty(x.size, bool)
        keep[order] = self.rng.random(x.size) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, x.dtype.type(1 / np.sqrt(1 - self.p)), out=out, where=keep.reshape(x.shape))
        return out

    def __call__(self, x):
        return self.forward(x)
