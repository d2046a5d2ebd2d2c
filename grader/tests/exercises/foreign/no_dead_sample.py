# expected: fails
# R6: a row (sample) whose elements were all dropped is drawn a second time, so short rows are dropped too rarely and their coins depend on each other (2 columns at p = 0.5: rate 0.375).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        if x.ndim > 1 and x.size:
            axes = tuple(range(1, x.ndim))
            dead = ~keep.any(axis=axes)
            if dead.any():           # a sample without any signal has no gradient
                keep[dead] = self.rng.random(keep[dead].shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
