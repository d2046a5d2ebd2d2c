# expected: fails
# R4: in evaluation the copy of the last input is cached by id(x) and shape, so an x changed in place (or a new array at the old address) gets the stale values back.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._key = None
        self._value = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _identity(self, x):
        # hand out a copy, but copy the same input only once
        key = (id(x), x.shape, x.dtype.str)
        if key != self._key:
            self._key, self._value = key, x.copy()
        return self._value

    def forward(self, x):
        if not self.training:
            return self._identity(x)
        if self.p == 0:
            return x.copy()
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self.rng.random(x.shape) >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)
