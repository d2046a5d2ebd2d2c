# expected: passes
# A metaclass checks p before the object exists and writes __call__, train and eval into the class; 63-bit integer coins.
import numpy as np


class _Meta(type):
    def __new__(mcs, name, bases, space):
        space["__call__"] = lambda self, *a, **k: self.forward(*a, **k)

        def train(self, mode=True):
            self.training = mode
            return self

        space["train"] = train
        space["eval"] = lambda self: self.train(False)
        return super().__new__(mcs, name, bases, space)

    def __call__(cls, p=0.5, rng=None):
        if not (p == p and 0 <= p < 1):
            raise ValueError(f"p={p!r} is no drop probability")
        return super().__call__(p=p, rng=rng)


class VarianceStabilizedDropout(metaclass=_Meta):
    training = True         # the instance attribute comes with the first train()

    def __init__(self, p=0.5, rng=None):
        self.threshold = int(float(p) * 2.0**63)
        self.scale = np.float_power(1.0 - float(p), -0.5)
        self.rng = np.random.default_rng(rng)

    def forward(self, x):
        if not self.training or self.threshold == 0:
            return x
        coins = self.rng.integers(0, 2**63, size=x.shape, dtype=np.int64, endpoint=False)
        return np.select([coins >= self.threshold], [x * x.dtype.type(self.scale)], x.dtype.type(0))
