# expected: passes
# s by Newton's iteration for the inverse root, started from the binary exponent (the famous game trick, iterated to convergence).
import math
import numpy as np


def _inverse_root(q):
    mantissa, exponent = math.frexp(q)
    if exponent % 2:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    t = 1.0                                  # mantissa is in [0.5, 2)
    for _ in range(12):
        t *= 1.5 - 0.5 * mantissa * t * t
    return math.ldexp(t, -exponent // 2)


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.Generator(np.random.SFC64(np.random.default_rng(rng).integers(2 ** 63, size=4)))
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, _inverse_root(1.0 - self.p), out=y, where=self.rng.random(x.shape) >= self.p)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
