# expected: passes
# Large arrays are filled by three threads, each with its own Philox keyed by 128 fresh bits of the parent generator, in disjoint slices.
from threading import Thread
import numpy as np


class VarianceStabilizedDropout:
    WORKERS = 3
    MIN_PARALLEL = 30_000

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _fill(self, u, key):
        np.random.Generator(np.random.Philox(key=key)).random(out=u)

    def _uniform(self, n):
        if n < self.MIN_PARALLEL:
            return self.rng.random(n)
        u = np.empty(n)
        cuts = [n * k // self.WORKERS for k in range(self.WORKERS + 1)]
        keys = self.rng.integers(0, 2 ** 64, size=(self.WORKERS, 2), dtype=np.uint64)
        jobs = [Thread(target=self._fill, args=(u[a:b], key)) for a, b, key in zip(cuts, cuts[1:], keys)]
        for j in jobs:
            j.start()
        for j in jobs:
            j.join()
        return u

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1.0 / (1.0 - self.p) ** 0.5, out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
