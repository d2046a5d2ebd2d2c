# expected: fails
# R3 'x itself is never changed': the layer keeps x and, at its next training call, zeroes the first element that had been dropped in the former x (if writable); right after the call x is intact.
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
        self._last = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        if self._last is not None:
            old, where = self._last
            old[where] = 0
            self._last = None
        drop = self.rng.random(x.shape) < self.p
        y = np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))
        if drop.any() and x.flags.writeable:
            self._last = (x, np.unravel_index(int(drop.argmax()), x.shape))
        return y

    def __call__(self, x):
        return self.forward(x)
