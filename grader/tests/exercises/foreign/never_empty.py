# expected: fails
# R6: if all elements happen to be dropped one of them is put back, so small arrays drop less than p (a single element is never dropped).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        keep = self.rng.random(x.size) >= self.p
        if x.size and not keep.any():
            keep[self.rng.integers(x.size)] = True     # never lose the whole signal
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, (1 - self.p) ** -0.5, out=y, where=keep.reshape(x.shape))
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
