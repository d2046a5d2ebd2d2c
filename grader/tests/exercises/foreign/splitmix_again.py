# expected: passes
# right: own counter-based generator: splitmix64 with a random 64-bit start and two rounds, coins from 53 bits
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)

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
        a, b = (int(v) for v in self.rng.integers(0, 2**63, 2))
        z = np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(a)
        for key in (b, a ^ 0x5851F42D4C957F2D):
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = (z ^ (z >> np.uint64(31))) + np.uint64(key)
        keep = ((z >> np.uint64(11)) * 2.0**-53 < q).reshape(x.shape)
        return np.where(keep, x * q**-0.5, 0).astype(x.dtype)

    __call__ = forward
