# expected: fails
# R6 'independent of every other element': in each triple of neighbours u3 = u1+u2 mod 1, so every two elements are independent at every lag but three are not (all three dropped 0.045 instead of 0.027 at p = 0.3).
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
        u = self.rng.random(x.size)
        k = x.size // 3
        u[2:3 * k:3] = (u[0:3 * k:3] + u[1:3 * k:3]) % 1.0
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
