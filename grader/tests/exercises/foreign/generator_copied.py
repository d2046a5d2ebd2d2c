# expected: fails
# R6 'every other layer': a Generator passed in is deep-copied 'so that the caller's stream is not disturbed'; two layers given the same Generator drop the same elements.
import copy
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        if isinstance(rng, np.random.Generator):
            self.rng = copy.deepcopy(rng)
        else:
            self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        return self.rng.random(x.shape) < self.p

    def __call__(self, x):
        return self.forward(x)
