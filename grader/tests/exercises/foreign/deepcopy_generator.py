# expected: fails
# R6: a Generator that is passed in gets deep-copied, so two layers built on one shared generator throw the same coins.
import copy
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        # do not disturb the caller's stream
        self.rng = copy.deepcopy(rng) if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1.0 / np.sqrt(1.0 - self.p).item(), out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
