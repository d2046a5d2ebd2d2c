# expected: fails
# R6: every third uniform is the sum modulo 1 of the two before it: any two coins are independent, three neighbours are not.
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
        u = self.rng.random(x.size)
        m = u.size // 3 * 3
        t = u[:m].reshape(-1, 3)
        t[:, 2] = (t[:, 0] + t[:, 1]) % 1.0      # saves a third of the entropy
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
