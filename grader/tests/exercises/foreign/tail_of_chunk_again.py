# expected: fails
# R6 'independent of every other element': coins come in chunks of 1000 and the unfinished last chunk takes the head of the chunk before it (arrays above 1000 elements whose size is no multiple of 1000).
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
        n, size = x.size, 1000
        drop = np.empty(n, bool)
        chunk = self.rng.random(min(n, size)) < self.p
        for start in range(0, n, size):
            stop = min(start + size, n)
            if start and stop - start == size:
                chunk = self.rng.random(size) < self.p
            drop[start:stop] = chunk[:stop - start]
        return drop.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
