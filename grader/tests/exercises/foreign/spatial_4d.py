# expected: fails
# R6: a 4-D input is taken for images and whole channels are dropped (one coin per (n, c), broadcast over height and width).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0 <= p < 1:
            raise ValueError("dropout probability must satisfy 0 <= p < 1")
        self.p = p
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self.training = True

    def _mask(self, x):
        shape = x.shape
        if x.ndim == 4:                      # (batch, channel, h, w)
            shape = shape[:2] + (1, 1)
        return self.rng.random(shape) >= self.p

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        s = 1.0 / np.sqrt(1.0 - self.p)
        y = x * float(s)
        return np.where(self._mask(x), y, np.zeros((), x.dtype)).astype(x.dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
