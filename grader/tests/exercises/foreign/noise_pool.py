# expected: fails
# R6: uniforms are cut from one pool of 16384 numbers at a random offset (renewed every 64 calls), so calls share coins and large arrays repeat them.
import numpy as np


class VarianceStabilizedDropout:
    POOL = 1 << 14

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._calls = 0
        self._pool = None

    def _uniform(self, n):
        # drawing fresh numbers is the slowest part: take a random window instead
        if self._calls % 64 == 0:
            self._pool = self.rng.random(self.POOL)
        self._calls += 1
        start = int(self.rng.integers(self.POOL))
        return np.take(self._pool, np.arange(start, start + n), mode="wrap")

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        u = self._uniform(x.size).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1 / float(np.sqrt(1 - self.p)), out=out, where=u >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
