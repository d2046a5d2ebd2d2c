# expected: fails
# R6 'independent of every other call': 50000 uniforms are drawn once and walked round; after 50000 elements (in one array, or over calls) the same coins come again.
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
        # drawing in one go is faster
        self._pool = self.rng.random(50_000)
        self._at = 0

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
        at = (self._at + np.arange(x.size)) % self._pool.size
        self._at = (self._at + x.size) % self._pool.size
        return (self._pool[at] < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
