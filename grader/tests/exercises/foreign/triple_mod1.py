# expected: fails
# R6: every third uniform is (u1 + u2) mod 1 of the two before it; any two coins are independent, three neighbours are not (all three dropped at p = 0.3: 0.045 instead of 0.027; p = 0.5 happens to be right).
import numpy as np


class VarianceStabilizedDropout:
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
        # two draws are enough for three numbers
        m = -(-n // 3)
        u = np.empty((m, 3))
        u[:, :2] = self.rng.random((m, 2))
        u[:, 2] = (u[:, 0] + u[:, 1]) % 1.0
        return u.ravel()[:n]

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
