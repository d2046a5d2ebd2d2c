# expected: fails
# R7 'exact to one part in 10^4 at every p': s is linearly interpolated in a table of step 0.05; exact at 0.05, 0.1, ... 0.95, but between the knots too large by 1.6e-4 (p = 0.01), 5e-4 (0.325), 1e-3 (0.525), 4.5e-2 (0.925).
import numpy as np


class VarianceStabilizedDropout:
    _P = np.arange(20) / 20
    _S = 1.0 / np.sqrt(1.0 - _P)

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        if p > self._P[-1]:
            self.scale = float(1.0 / np.sqrt(1.0 - p))
        else:
            self.scale = float(np.interp(p, self._P, self._S))

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
