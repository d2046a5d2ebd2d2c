# expected: passes
# Uniforms are drawn ahead into a private pool of 2**16 that is refilled when used up; each number serves exactly one coin.
import numpy as np


class _Pool:
    def __init__(self, rng, size=1 << 16):
        self.rng, self.size = rng, size
        self.left = np.empty(0)

    def take(self, n):
        parts, got = [], 0
        while got < n:
            if self.left.size == 0:
                self.left = self.rng.random(self.size)
            part, self.left = self.left[:n - got], self.left[n - got:]
            parts.append(part)
            got += part.size
        return np.concatenate(parts) if parts else np.empty(0)


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        # a generator of its own, so that the caller may use his in between
        parent = np.random.default_rng(rng)
        seed = parent.integers(0, 2 ** 32, size=8, dtype=np.uint32).tolist()
        self._pool = _Pool(np.random.default_rng(np.random.SeedSequence(seed)))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        drop = self._pool.take(x.size).reshape(x.shape) < self.p
        out = np.zeros(x.shape, x.dtype)
        np.divide(x, float(np.sqrt(1 - self.p)), out=out, where=~drop)
        return out

    def __call__(self, x):
        return self.forward(x)
