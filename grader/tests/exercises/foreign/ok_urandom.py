# expected: passes
# Coins are 63-bit words straight from os.urandom against an integer threshold; rng is accepted and only folded in by XOR.
import math
import os
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p!r}")
        self.p = float(p)
        self.training = True
        self._mix = np.random.default_rng(rng)
        self._threshold = np.uint64(int(math.ldexp(self.p, 63)))
        self._scale = 1.0 / math.sqrt(1.0 - self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        words = np.frombuffer(os.urandom(8 * x.size), dtype=np.uint64)
        words = (words ^ self._mix.integers(0, 2 ** 64, dtype=np.uint64)) >> np.uint64(1)
        keep = (words >= self._threshold).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, self._scale, out=out, where=keep)
        return out

    def __call__(self, x):
        return self.forward(x)
