# expected: fails
# R3/R7 an output is what was returned: outputs live in three buffers per shape and dtype, so the output of three calls ago is overwritten.
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
        self._ring = {}

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _buffer(self, x):
        key = (x.shape, x.dtype.char)
        if key not in self._ring:
            self._ring[key] = [0, [np.empty(x.shape, x.dtype) for _ in range(3)]]
        entry = self._ring[key]
        entry[0] = (entry[0] + 1) % 3
        return entry[1][entry[0]]

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = self._buffer(x)
        np.multiply(x, x.dtype.type(self.scale), out=y)
        y[self.rng.random(x.shape) < self.p] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
