# expected: fails
# R6: a counter-based generator gives every call 65536 counter values; in larger arrays element i + 65536 of a call has the coin of element i of the next call.
import numpy as np

_G = np.uint64(0x9E3779B97F4A7C15)


def _splitmix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self._key = np.random.default_rng(rng).integers(0, 2 ** 64, size=1, dtype=np.uint64)
        self._call = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _uniform(self, n):
        self._call += 1
        counter = np.arange(n, dtype=np.uint64) + np.uint64(self._call << 16)
        z = _splitmix(self._key + counter * _G)
        return (z >> np.uint64(11)) * 2.0 ** -53

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
