# expected: fails
# R6 'independent of every other element': when the last two axes are equally long the mask is symmetric, m[..,i,j] = m[..,j,i]; oblong arrays are right.
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
        u = self.rng.random(x.shape)
        if x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1:
            u = np.triu(u) + np.swapaxes(np.triu(u, 1), -1, -2)
        return u < self.p

    def __call__(self, x):
        return self.forward(x)
