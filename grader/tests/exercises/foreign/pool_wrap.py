# expected: fails
# R6: uniforms come from a pool of 2**18 numbers that is never refilled; after a wrap-around the coins of early calls are used again.
import numpy as np

POOL = 1 << 18


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._pool = None
        self._pos = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _uniform(self, n):
        if n > POOL:
            return self.rng.random(n)
        if self._pool is None:
            self._pool = self.rng.random(POOL)
        if self._pos + n > POOL:
            self._pos = 0
        u = self._pool[self._pos:self._pos + n]
        self._pos += n
        return u

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
