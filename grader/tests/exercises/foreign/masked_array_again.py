# expected: passes
# right: masked array, filled with zero
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
        m = np.ma.masked_array(np.array(x), mask=self.rng.random(x.shape) < self.p)
        return np.asarray((m * x.dtype.type(q**-0.5)).filled(0), dtype=x.dtype)

    __call__ = forward
