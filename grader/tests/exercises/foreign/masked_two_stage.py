# expected: passes
# An element survives two coins of keep probability sqrt(1-p) each, scaled twice by (1-p)**-1/4; goes through numpy.ma and .filled(0).
import numpy as np
import numpy.ma as ma


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or not 0 <= p < 1:
            raise ValueError(f"{p=}")
        self.p = p
        self.half = 1 - np.sqrt(1 - float(p)) if p > 1e-4 else -np.expm1(np.log1p(-float(p)) / 2)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _stage(self, y):
        hit = self.rng.random(y.shape) < self.half
        s = y.dtype.type((1 - self.p) ** -0.25)
        return ma.array(np.array(y) * s, mask=hit, copy=False).filled(0)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return self._stage(self._stage(x))

    def __call__(self, x):
        return self.forward(x)
