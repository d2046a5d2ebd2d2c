# expected: passes
# 64 coins at a time: random words are folded with AND / OR along the binary digits of p (exact, all digits of the float).
from fractions import Fraction
import numpy as np


def _digits(p):
    """Binary digits of p, least significant first, exact down to 2^-120."""
    q = Fraction(p)
    top = int(q * 2 ** 120)
    zeros = (top & -top).bit_length() - 1 if top else 119
    return [(top >> k) & 1 for k in range(zeros, 120)]


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._bits = _digits(p)

    def _drops(self, n):
        words = -(-n // 64)
        acc = np.zeros(words, dtype=np.uint64)
        for bit in self._bits:
            fresh = self.rng.integers(0, 2 ** 64, size=words, dtype=np.uint64)
            if bit:
                acc |= fresh                     # P -> (1 + P) / 2
            else:
                acc &= fresh                     # P -> P / 2
        return np.unpackbits(acc.view(np.uint8), count=n).astype(bool)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = ~self._drops(x.size).reshape(x.shape)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, np.power(1.0 - self.p, -0.5).item(), out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
