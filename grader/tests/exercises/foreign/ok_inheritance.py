# expected: passes
# Three classes: a Module with modes, a generic Bernoulli dropout with an abstract scale, and the variance-keeping subclass.
from abc import ABC, abstractmethod
import numpy as np


class Module(ABC):
    def __init__(self):
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args):
        return self.forward(*args)

    @abstractmethod
    def forward(self, *args):
        ...


class _BernoulliDropout(Module):
    def __init__(self, p, rng):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)

    @property
    @abstractmethod
    def scale(self):
        ...

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        keep = np.nonzero(self.rng.random(x.shape) >= self.p)
        out[keep] = x[keep] * self.scale
        return out


class VarianceStabilizedDropout(_BernoulliDropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)

    @property
    def scale(self):
        return float(1.0 / np.sqrt(1.0 - self.p))
