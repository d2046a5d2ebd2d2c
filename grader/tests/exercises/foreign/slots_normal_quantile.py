# expected: passes
# __slots__, training is a property with setter, the coin is a standard normal below statistics.NormalDist().inv_cdf(p); class made by inheritance from an in-cell abstract base.
import abc
from statistics import NormalDist

import numpy as np


class _Layer(abc.ABC):
    __slots__ = ("_mode",)

    def __init__(self):
        self._mode = True

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

    def __call__(self, x):
        return self.forward(x)

    @abc.abstractmethod
    def forward(self, x):
        ...


class VarianceStabilizedDropout(_Layer):
    __slots__ = ("p", "_z", "_rng", "_scale")

    def __init__(self, p=0.5, rng=None):
        super().__init__()
        p = float(p)
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self._z = NormalDist().inv_cdf(p) if p > 0 else None
        self._scale = np.reciprocal(np.sqrt(1 - p))
        self._rng = np.random.default_rng(rng)

    def forward(self, x):
        if not self.training or self._z is None:
            return x
        drop = np.less(self._rng.standard_normal(x.shape), self._z)
        return np.where(drop, 0, x * self._scale).astype(x.dtype, copy=False)
