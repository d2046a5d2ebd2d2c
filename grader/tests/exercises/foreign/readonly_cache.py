# expected: fails
# R6: for read-only inputs the mask is cached by data address and shape, so the same frozen x gets the same mask in every call.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._memo = {}

    def _drops(self, x):
        if x.flags.writeable:
            return self.rng.random(x.shape) < self.p
        key = (x.__array_interface__["data"][0], x.shape)   # constants never change
        if key not in self._memo:
            if len(self._memo) > 16:
                self._memo.clear()
            self._memo[key] = self.rng.random(x.shape) < self.p
        return self._memo[key]

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
