# expected: passes
# Coins are drawn by up to four threads, each with a generator seeded with 256 fresh bits of the layer's own generator; the pool is closed before the return.
from concurrent.futures import ThreadPoolExecutor

import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _drop(self, n):
        parts = min(4, 1 + n // 4096)
        edges = [n * k // parts for k in range(parts + 1)]
        drop = np.empty(n, bool)
        seeds = self.rng.integers(0, 2**32, size=(parts, 8), dtype=np.uint64)

        def fill(k):
            gen = np.random.Generator(np.random.SFC64([int(v) for v in seeds[k]]))
            drop[edges[k]:edges[k + 1]] = gen.random(edges[k + 1] - edges[k]) < self.p

        if parts == 1:
            fill(0)
        else:
            with ThreadPoolExecutor(parts) as pool:
                list(pool.map(fill, range(parts)))
        return drop

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = np.array(x, order="C", copy=True)
        y *= y.dtype.type(1 / np.sqrt(1 - self.p))
        y.ravel()[self._drop(y.size)] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
