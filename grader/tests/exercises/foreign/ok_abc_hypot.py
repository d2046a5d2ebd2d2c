# expected: passes
# Inheritance from an abstract Module with __call__ and modes; s = hypot(1, sqrt(odds)) since 1 + p/(1-p) = 1/(1-p).
import abc
import math
import numpy as np


class _Module(abc.ABC):
    training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    @abc.abstractmethod
    def forward(self, x):
        ...


class _Stochastic(_Module):
    def __init__(self, rng=None):
        self.rng = np.random.default_rng(rng)

    def bernoulli(self, prob, shape):
        return self.rng.random(shape) < prob


class VarianceStabilizedDropout(_Stochastic):
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        super().__init__(rng)
        self.p = p

    @property
    def scale(self):
        return math.hypot(1.0, math.sqrt(self.p / (1.0 - self.p)))

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x.copy()
        drop = self.bernoulli(self.p, x.shape)
        factor = np.where(drop, 0.0, self.scale).astype(x.dtype)
        with np.errstate(invalid="ignore"):          # inf * 0
            return np.multiply(x, factor).astype(x.dtype, copy=False)
