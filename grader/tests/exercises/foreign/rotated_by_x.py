# expected: passes
# Looks at x and at the former call but keeps independence: a fresh uniform is rotated (mod 1) by a fraction made of x and by the former call's uniforms, which leaves it uniform given everything.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._former = np.zeros(1)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        with np.errstate(invalid="ignore"):
            salt = np.arctan(np.nan_to_num(x.astype(np.float64))) / np.pi + 0.5
        salt += np.resize(self._former, x.shape) if x.size else 0.0
        u = (self.rng.random(x.shape) + salt) % 1.0
        if x.size:
            self._former = u.ravel().copy()
        y = x * x.dtype.type(np.hypot(1.0, np.sqrt(self.p / (1.0 - self.p))))
        y[u < self.p] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
