# expected: fails
# R6: at p = 0.5 the number of dropped elements is made even by flipping the last coin; all marginals and smaller groups stay right.
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
        drop = self.rng.random(x.size) < self.p
        if self.p == 0.5 and drop.size > 1 and np.count_nonzero(drop) % 2:
            drop[-1] ^= True
        return drop.reshape(x.shape)

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
