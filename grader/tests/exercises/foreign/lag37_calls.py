# expected: fails
# R6: from the 38th training call of one shape on the mask of 37 calls before is used again.
import numpy as np
from collections import deque


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._ring = {}

    def _drops(self, x):
        old = self._ring.setdefault(x.shape, deque(maxlen=37))
        if len(old) == 37:
            drop = old[0]
        else:
            drop = self.rng.random(x.shape) < self.p
        old.append(drop)
        return drop

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._drops(x)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=~drop)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
