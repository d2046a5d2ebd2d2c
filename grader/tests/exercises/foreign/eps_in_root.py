# expected: fails
# R7 'exact to one part in 10^4 at every p': a guard of 5e-5 stands inside the root, s is 1e-4 short at p = 0.75, 2.5e-4 at 0.9, 1e-3 at 0.975 (right below 0.75).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        eps = 5e-5      # no division by zero
        self.scale = float(1.0 / np.sqrt(1.0 - p + eps))

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
