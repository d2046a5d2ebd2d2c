# expected: passes
# Own exception class derived from ValueError, raised by a descriptor; a new Philox generator for every call, keyed by (seed, layer number, call number) through SeedSequence.
import itertools

import numpy as np


class DropRateError(ValueError, ArithmeticError):
    """p is not a drop rate."""


class _Rate:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name)

    def __set__(self, obj, value):
        if not 0 <= value < 1:
            raise DropRateError(value)
        setattr(obj, self.name, float(value))


class VarianceStabilizedDropout:
    p = _Rate()
    _number = itertools.count()

    def __init__(self, p=0.5, rng=None):
        self.p = p
        self.training = True
        if isinstance(rng, np.random.Generator):
            self._entropy = [int(v) for v in rng.integers(0, 2**32, size=4, dtype=np.uint64)]
        elif rng is None:
            self._entropy = np.random.SeedSequence().entropy
        else:
            self._entropy = int(rng)
        self._layer = next(self._number)
        self._call = itertools.count()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        seq = np.random.SeedSequence(self._entropy, spawn_key=(self._layer, next(self._call)))
        gen = np.random.Generator(np.random.Philox(seq))
        scale = np.power(1 - self.p, -0.5, dtype=np.float64)
        return np.where(gen.random(x.shape) >= self.p, x * x.dtype.type(scale), x.dtype.type(0))

    def __call__(self, x):
        return self.forward(x)
