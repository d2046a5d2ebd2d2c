# expected: fails
# R6: for float32 input the second half of the array uses the bitwise complement of the words of the first half, so element i and element i + n/2 are antithetic.
import numpy as np


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

    def _drop(self, n, single):
        if not single:
            return self.rng.random(n) < self.p
        # 32 random bits are enough for single precision
        words = self.rng.integers(0, 2 ** 32, size=(n + 1) // 2, dtype=np.uint32)
        words = np.concatenate([words, ~words])[:n]
        return words < np.uint32(int(self.p * 2.0 ** 32))

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = ~self._drop(x.size, x.dtype == np.float32).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
