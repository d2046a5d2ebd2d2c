# expected: passes
# Throws coins for the nonzero elements only (a zero stays zero either way); __slots__ and a property for `training`.
import numpy as np


class VarianceStabilizedDropout:
    __slots__ = ("_p", "_rng", "_mode", "_s")

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self._p, self._mode = p, True
        self._rng = np.random.default_rng(rng)
        self._s = float(np.linalg.norm([1.0, (p / (1.0 - p)) ** 0.5]))

    @property
    def p(self):
        return self._p

    @property
    def training(self):
        return self._mode

    @training.setter
    def training(self, mode):
        self._mode = mode

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self._p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        source, target = x.reshape(-1), y.reshape(-1)
        live = np.flatnonzero(source)
        live = live[self._rng.random(live.size) >= self._p]
        target[live] = source[live] * self._s
        return y

    __call__ = forward
