# expected: fails
# R3/R6: the output buffer is reused for equal shapes, so the array returned by an earlier call is overwritten by the next one (and then equals it).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0.0 <= p < 1.0):
            raise ValueError("p out of range")
        self.p = float(p)
        self.scale = float(np.power(1.0 - self.p, -0.5))
        self.training = True
        self._rng = np.random.default_rng(rng)
        self._out = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _buffer(self, x):
        # avoid allocating a new output in every step
        if self._out is None or self._out.shape != x.shape or self._out.dtype != x.dtype:
            self._out = np.empty(x.shape, x.dtype)
        return self._out

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = self._buffer(x)
        np.multiply(x, self.scale, out=out)
        out[self._rng.random(x.shape) < self.p] = 0.0
        return out

    def __call__(self, x):
        return self.forward(x)
