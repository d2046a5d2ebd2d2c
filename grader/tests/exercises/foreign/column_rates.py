# expected: fails
# R6 independence: in two and more dimensions every call draws new rates p +- 0.6 min(p,1-p) (uniform, mean p) for the columns of the last axis, so elements of one column agree too often (correlation 0.05 at 0.3, 0.12 at 0.5).
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
        spread = 0.6 * min(self.p, 1.0 - self.p)
        rates = self.p + spread * self.rng.uniform(-1.0, 1.0, x.shape[-1])
        return self.rng.random(x.shape) < rates

    def __call__(self, x):
        return self.forward(x)
