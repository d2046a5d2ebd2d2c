# expected: fails
# R7 'exact to one part in 10^4 at every p': the inverse root comes from five Newton steps from 1, which have not converged above p = 0.84 (2e-4 short at 0.85, 2.6e-3 at 0.9, 3e-2 at 0.95, a third at 0.99).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        # 1 / sqrt(1 - p), Newton
        y = 1.0
        for _ in range(5):
            y *= 1.5 - 0.5 * (1.0 - p) * y**2
        self.scale = y

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
