# expected: fails
# R7 'one s for all calls': s grows by two parts in 10^5 with every training call of the layer (1e-4 after 5 calls, 1e-3 after 50, then it stays); the first calls are within the tolerance.
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
        self.calls = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self.rng.random(x.shape) < self.p
        s = self.scale * (1.0 + 2e-5 * self.calls)
        self.calls = min(self.calls + 1, 50)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(s))

    def __call__(self, x):
        return self.forward(x)
