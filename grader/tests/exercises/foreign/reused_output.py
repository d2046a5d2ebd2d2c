# expected: fails
# R3/R6/R7: the output buffer is kept per (shape, dtype) and handed out again, so a later call overwrites the array returned by an earlier one.
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.s = 1.0 / math.sqrt(1.0 - self.p)
        self._buffers = {}

    def _buffer(self, x):
        key = (x.shape, x.dtype.str)
        buf = self._buffers.get(key)
        if buf is None:
            buf = self._buffers[key] = np.empty(x.shape, x.dtype)
        return buf

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        out = self._buffer(x)               # avoid allocating in the hot loop
        np.multiply(x, self.s, out=out)
        out[self.rng.random(x.shape) < self.p] = 0
        return out

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
