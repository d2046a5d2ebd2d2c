# expected: passes
# right: one big Python integer of random bits, 64 bits to a coin
import numpy as np
import random


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.r = rng if isinstance(rng, np.random.Generator) else random.Random(None if rng is None else int(rng))

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        q = 1.0 - self.p
        n = x.size
        if isinstance(self.r, np.random.Generator):
            raw = self.r.bytes(8 * n)
        else:
            raw = self.r.getrandbits(64 * n).to_bytes(8 * n, "big") if n else b""
        u = np.frombuffer(raw, ">u8").astype(np.float64) / 2.0**64
        return np.where((u < q).reshape(x.shape), x * q**-0.5, 0).astype(x.dtype)

    __call__ = forward
