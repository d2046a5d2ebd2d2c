# expected: fails
# R6: the first training call after an eval()/train() round trip uses the last mask from before the evaluation again, if the shape is the same.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._last = None
        self._resume = False

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training:
            self._resume = True          # validation pause: continue where we were
            return x
        if self.p == 0:
            return x
        if not (self._resume and self._last is not None and self._last.shape == x.shape):
            self._last = self.rng.random(x.shape) >= self.p
        self._resume = False
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=self._last)
        return out

    __call__ = forward
