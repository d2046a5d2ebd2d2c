# expected: fails
# R6: with probability 0.15 an element copies the uniform of the element 97 places before it, a correlation of about 0.13 at lag 97 (rates stay exact).
import numpy as np


class VarianceStabilizedDropout:
    LAG = 97

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

    def _uniform(self, n):
        u = self.rng.random(n)
        if n <= self.LAG:
            return u
        copy_it = self.rng.random(n - self.LAG) < 0.15
        v = u.copy()
        v[self.LAG:][copy_it] = u[:-self.LAG][copy_it]
        return v

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
