# expected: fails
# R6 'every other layer': the first call of a layer right after a call of another layer with the same number of elements takes 1-u of that call (one layer alone is perfect).
import numpy as np


class VarianceStabilizedDropout:
    _last = None
    _count = 0

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))
        VarianceStabilizedDropout._count += 1
        self._me = VarianceStabilizedDropout._count

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
        cls = VarianceStabilizedDropout
        last, cls._last = cls._last, None
        if last is not None and last[0] != self._me and last[1].size == x.size:
            u = 1.0 - last[1]
        else:
            u = self.rng.random(x.size)
            cls._last = (self._me, u)
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
