# expected: fails
# R6: from 4096 elements on two threads fill one half each, both from the same per-call seed, so the second half repeats the coins of the first.
from concurrent.futures import ThreadPoolExecutor
import numpy as np


def _coins(seed, n, p):
    return np.random.default_rng(seed).random(n) < p


class VarianceStabilizedDropout:
    PARALLEL_FROM = 4096

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _drops(self, n):
        seed = int(self.rng.integers(2 ** 63))
        if n < self.PARALLEL_FROM:
            return _coins(seed, n, self.p)
        half = n // 2
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(_coins, seed, m, self.p) for m in (half, n - half)]
            return np.concatenate([j.result() for j in jobs])

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        y = np.array(x, order="C", copy=True)
        y *= (1 - self.p) ** -0.5
        y.reshape(-1)[self._drops(x.size)] = 0
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
