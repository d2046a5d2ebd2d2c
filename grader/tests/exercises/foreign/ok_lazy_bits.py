# expected: passes
# Compares random bytes with the base-256 digits of p, drawing a further byte only for elements still tied; exact for every double.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        # exact base-256 expansion of p: a double is a dyadic rational
        num, den = self.p.as_integer_ratio()
        self._digits = []
        while num:
            digit, num = divmod(num * 256, den)
            self._digits.append(digit)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _drop(self, n):
        """u < p, u uniform on [0, 1) revealed byte by byte."""
        drop = np.zeros(n, bool)
        tied = np.arange(n)
        for digit in self._digits:
            if tied.size == 0:
                break
            byte = self.rng.integers(0, 256, size=tied.size, dtype=np.uint8)
            drop[tied[byte < digit]] = True
            tied = tied[byte == digit]
        return drop                      # tied to the end: u >= p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = ~self._drop(x.size).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
