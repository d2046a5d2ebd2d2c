# expected: passes
# Coins are a SHAKE-128 stream keyed by 256 random bits of the layer and a call counter that never repeats.
import hashlib
import itertools
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.training = True
        self._key = np.random.default_rng(rng).bytes(32)
        self._ticket = itertools.count()

    def _uniform(self, n):
        nonce = next(self._ticket).to_bytes(16, "little")
        stream = hashlib.shake_128(self._key + nonce).digest(8 * n)
        return (np.frombuffer(stream, "<u8") >> np.uint64(11)) * 2.0 ** -53

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = self._uniform(x.size).reshape(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1.0 / np.sqrt(1.0 - self.p).item(), out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
