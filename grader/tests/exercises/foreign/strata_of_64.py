# expected: fails
# R6 independence: the uniforms are stratified (a shuffled Latin sample) in blocks of 64 neighbours, so every block loses floor or ceil of 64 p elements; arrays of 64 and more.
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
        u = self.rng.random(n)
        full = n // 64
        if full:
            cells = self.rng.permuted(np.tile(np.arange(64), (full, 1)), axis=1).ravel()
            u[:full * 64] = (cells + u[:full * 64]) / 64
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
