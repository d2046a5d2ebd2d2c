# expected: fails
# R6: for float32 the second uniform of each pair is 2u mod 1 of the first: independent coins at p = 0.5, dependent at every other rate.
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

    def _drops(self, x):
        n = x.size
        if x.dtype == np.float32:
            half = self.rng.random((n + 1) // 2)
            u = np.empty(2 * half.size)
            u[0::2] = half
            u[1::2] = (2.0 * half) % 1.0         # the unused low bits are random, too
            u = u[:n]
        else:
            u = self.rng.random(n)
        return (u < self.p).reshape(x.shape)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._drops(x)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=~drop)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
