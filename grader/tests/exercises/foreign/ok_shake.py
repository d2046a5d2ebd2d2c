# expected: passes
# Coins are the output of the hash SHAKE-128 over a secret key and a call number, 64 bits each against an integer threshold.
import hashlib
import math
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.key = np.random.default_rng(rng).bytes(32)
        self.calls = 0
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        self.calls += 1
        h = hashlib.shake_128(self.key + self.calls.to_bytes(16, "little"))
        words = np.frombuffer(h.digest(8 * x.size), dtype="<u8")
        keep = (words >= np.uint64(int(math.ldexp(self.p, 64)))).reshape(x.shape)
        y = np.zeros(x.shape, x.dtype)
        np.copyto(y, x, where=keep)
        y *= math.sqrt(1.0 / (1.0 - self.p))
        return y

    def __call__(self, x):
        return self.forward(x)
