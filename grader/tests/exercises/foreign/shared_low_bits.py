# expected: fails
# R6: a coin compares a private 3-bit digit with 8 p and, on a tie (1 in 8), a second draw that 16 elements share; ties of these elements fall alike (correlation up to 0.016; at p = k/8 nothing is wrong).
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

    def _drop(self, n):
        cols = -(-n // 16)
        digit = self.rng.integers(0, 8, size=(16, cols), dtype=np.uint8)
        fine = self.rng.random(cols)               # the rest of the expansion
        top = int(self.p * 8)
        rest = self.p * 8 - top
        drop = (digit < top) | ((digit == top) & (fine < rest))
        return drop.ravel()[:n]

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = ~self._drop(x.size).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
