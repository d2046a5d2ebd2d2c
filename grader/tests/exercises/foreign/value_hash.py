# expected: fails
# R6: the coin is a hash of (call key, bits of the value, position mod 1009), so equal values whose positions differ by a multiple of 1009 always share their fate.
import numpy as np

_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_G = np.uint64(0x9E3779B97F4A7C15)


def _mix(z):
    z = (z ^ (z >> np.uint64(30))) * _M1
    z = (z ^ (z >> np.uint64(27))) * _M2
    return z ^ (z >> np.uint64(31))


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        bits = np.array(x, dtype=np.float64, order="C").ravel().view(np.uint64)
        key = self.rng.integers(0, 2 ** 64, dtype=np.uint64, size=2)
        pos = (np.arange(bits.size) % 1009).astype(np.uint64)
        z = _mix(_mix(bits ^ key[0]) + pos * _G + key[1])
        u = (z >> np.uint64(11)) * 2.0 ** -53
        keep = (u >= self.p).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
