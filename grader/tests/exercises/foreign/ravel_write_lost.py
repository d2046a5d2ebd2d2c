# expected: fails
# R6: zeros are written through y.ravel(), which is a copy when y inherits the Fortran order of x; such inputs are scaled but never dropped.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.keep = 1.0 - self.p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = (x * (self.keep ** -0.5)).astype(x.dtype, copy=False)
        flat = y.ravel()
        hit = self.rng.random(flat.size) < self.p
        flat[hit] = 0.0
        return y

    __call__ = forward

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
