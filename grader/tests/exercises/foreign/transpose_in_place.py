# expected: fails
# R3 'x itself is never changed': a writable Fortran-ordered x (every transpose of a contiguous array) is scaled and zeroed in place; other layouts are copied.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        if x.flags.c_contiguous:
            y = x.copy()
        else:
            # not C-contiguous: asking for an order makes a copy anyway
            y = np.asfortranarray(x)
        if not y.flags.writeable:
            y = y.copy(order="K")
        y *= x.dtype.type(self.scale)
        y[self.rng.random(x.shape) < self.p] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
