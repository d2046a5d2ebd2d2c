# expected: passes
# A fresh Philox stream per call, keyed by 128 bits drawn once per layer plus an unbounded call number in the counter.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0 <= p < 1):
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        g = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self._key = g.integers(0, 2 ** 64, size=2, dtype=np.uint64)
        self._call = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        self._call += 1
        # the call number fills the upper half of the 256-bit counter
        bits = np.random.Philox(key=self._key, counter=self._call << 128)
        drop = np.random.Generator(bits).random(x.shape) < self.p
        y = np.zeros(x.shape, x.dtype)
        y[~drop] = x[~drop] * float((1.0 - self.p) ** -0.5)
        return y
