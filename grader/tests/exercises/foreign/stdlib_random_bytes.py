# expected: passes
# Coins from the standard library's Mersenne Twister (randbytes) as 56-bit numbers, seeded through an int, a Generator or the system.
import random
from math import ldexp, pow

import numpy as np


class VarianceStabilizedDropout:
    __call__ = lambda self, x: self.forward(x)

    def __init__(self, p=0.5, rng=None):
        if not (0.0 <= p < 1.0):
            raise ValueError(p)
        self.p = float(p)
        if isinstance(rng, np.random.Generator):
            rng = int.from_bytes(rng.bytes(32), "big")
        elif rng is not None:
            rng = int(rng)
        self.random = random.Random(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not (self.training and self.p):
            return x
        raw = np.frombuffer(self.random.randbytes(8 * x.size) + b"........", "<u8")[:x.size]
        keep = (raw >> np.uint64(8)) >= ldexp(self.p, 56)
        out = np.zeros_like(x, order="C", subok=False)
        out.reshape(-1)[keep] = x.reshape(-1)[keep]
        out *= x.dtype.type(pow(1 - self.p, -1 / 2))
        return out
