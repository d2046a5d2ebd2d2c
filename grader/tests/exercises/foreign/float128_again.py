# expected: passes
# right: extended precision
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        q = 1.0 - self.p
        s = np.longdouble(1) / np.sqrt(np.longdouble(1) - np.longdouble(self.p))
        y = np.where(self.rng.random(x.shape) < q, x.astype(np.longdouble) * s, np.longdouble(0))
        return y.astype(x.dtype)

    __call__ = forward
