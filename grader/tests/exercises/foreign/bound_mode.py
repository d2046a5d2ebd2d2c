# expected: fails
# R4: the behaviour is bound in train()/eval(); the attribute `training` set by hand (layer.training = False) has no effect.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self._rng = np.random.default_rng(rng)
        self._s = (1.0 - p) ** -0.5
        self.train()

    def train(self, mode=True):
        self.training = mode
        self._path = self._drop if (mode and self.p > 0.0) else self._identity
        return self

    def eval(self):
        return self.train(False)

    @staticmethod
    def _identity(x):
        return np.asarray(x)

    def _drop(self, x):
        x = np.asarray(x)
        out = np.zeros(x.shape, x.dtype)
        keep = self._rng.random(x.shape) >= self.p
        np.multiply(x, self._s, out=out, where=keep)
        return out

    def forward(self, x):
        return self._path(x)

    def __call__(self, x):
        return self._path(x)
