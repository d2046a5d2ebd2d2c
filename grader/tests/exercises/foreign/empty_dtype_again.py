# expected: fails
# R3: an empty float32 input comes back in training as an empty float64 array (np.zeros(x.shape) without dtype).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0 <= p < 1):
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        if x.size == 0:
            return np.zeros(x.shape)
        scale = x.dtype.type(1.0 / np.sqrt(1.0 - self.p))
        mask = (self.rng.random(x.shape) >= self.p).astype(x.dtype)
        return (x * (mask * scale)).astype(x.dtype, copy=False)

    __call__ = forward

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
