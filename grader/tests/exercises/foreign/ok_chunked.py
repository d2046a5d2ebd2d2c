# expected: passes
# Computed in blocks of 5000 through a Python generator, with one scratch array that never leaves the call.
import numpy as np


class VarianceStabilizedDropout:
    BLOCK = 5000

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

    def _coins(self, n):
        scratch = np.empty(min(n, self.BLOCK))
        for a in range(0, n, self.BLOCK):
            part = scratch[:min(self.BLOCK, n - a)]
            self.rng.random(out=part)
            yield slice(a, a + part.size), part < self.p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = np.empty(x.size, x.dtype)
        y[:] = x.ravel()
        s = (1.0 - self.p) ** (-1 / 2)
        for where, drop in self._coins(y.size):
            block = y[where]
            block *= s
            block[drop] = 0
        return y.reshape(x.shape)

    __call__ = forward
