# expected: fails
# R3/R7 an output is what was returned: outputs up to 100000 elements are slices of one arena per layer and dtype, which starts again when full and then overwrites the earliest outputs that the caller still holds.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))
        self._arena = {}

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _room(self, x):
        if x.size > 100_000:
            return np.empty(x.shape, x.dtype)
        key = x.dtype.char
        if key not in self._arena:
            self._arena[key] = [np.empty(100_000, x.dtype), 0]
        arena, at = self._arena[key]
        if at + x.size > arena.size:
            at = 0
        self._arena[key][1] = at + x.size
        return arena[at:at + x.size].reshape(x.shape)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self.rng.random(x.shape) < self.p
        y = self._room(x)
        y[...] = np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))
        return y

    def __call__(self, x):
        return self.forward(x)
