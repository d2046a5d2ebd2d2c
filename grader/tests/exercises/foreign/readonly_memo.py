# expected: fails
# R6 'every other call': for a read-only x the mask is remembered with the array object, so calling again with the same read-only x drops the same elements (writable x is right).
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
        self._memo = {}

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
        if x.flags.writeable:
            return self.rng.random(x.shape) < self.p
        # an immutable input: the work can be kept
        entry = self._memo.get(id(x))
        if entry is None or entry[0] is not x:
            entry = self._memo[id(x)] = (x, self.rng.random(x.shape) < self.p)
        return entry[1]

    def __call__(self, x):
        return self.forward(x)
