# expected: fails
# R7: below p = 0.9 the scale is interpolated linearly between the exact values at 0, 0.1, ..., 0.9; between the nodes it is up to 5 % too large (0.2 % at p = 0.35).
import numpy as np

_P = np.arange(0, 10) / 10.0
_S = (1.0 - _P) ** -0.5


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = float(np.interp(p, _P, _S)) if p <= 0.9 else (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=self.rng.random(x.shape) >= self.p)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
