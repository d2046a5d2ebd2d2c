# expected: fails
# R6 'independent of every other call': for arrays up to 256 elements the number dropped follows p by error diffusion over the calls (floor(n p + carry)), places at random; counts are far too regular, large arrays right.
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
        self.carry = float(self.rng.random())

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        n = x.size
        if n > 256:
            return self.rng.random(x.shape) < self.p
        want = n * self.p + self.carry
        k = int(want)
        self.carry = want - k
        drop = np.zeros(n, bool)
        drop[self.rng.permutation(n)[:k]] = True
        return drop.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
