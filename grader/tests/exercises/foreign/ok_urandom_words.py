# expected: passes
# Coins come from os.urandom: 64-bit words against the integer threshold int(p 2^64); rng is only checked and mixed in.
import os
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.training = True
        self._limit = np.uint64(int(p * 2.0 ** 64))
        self._salt = np.random.default_rng(rng).integers(2 ** 64, dtype=np.uint64)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        words = np.frombuffer(os.urandom(8 * x.size), dtype=np.uint64) ^ self._salt
        keep = (words >= self._limit).reshape(x.shape)
        out = np.zeros(x.shape, dtype=x.dtype)
        np.multiply(x, (1.0 - self.p) ** -0.5, out=out, where=keep)
        return out

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
