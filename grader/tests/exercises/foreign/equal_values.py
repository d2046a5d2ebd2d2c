# expected: fails
# R6: the coin is a hash of the bits of x and a salt new for every call, so equal values in one array share one fate.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _drops(self, x):
        a = np.ascontiguousarray(x).astype(x.dtype.newbyteorder("="), copy=False)
        h = a.view(np.dtype("u%d" % a.dtype.itemsize)).astype(np.uint64)
        salt = self.rng.integers(0, 2 ** 64, size=2, dtype=np.uint64)
        h = h * np.uint64(0x9E3779B97F4A7C15) ^ salt[0]
        for k in (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)):
            h ^= h >> np.uint64(30)
            h *= k
            h += salt[1]
        h ^= h >> np.uint64(31)
        return (h >> np.uint64(11)) * 2.0 ** -53 < self.p

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._drops(x)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=~drop)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
