# expected: fails
# R6: the coin is one random byte against round(256 p), so the rate is a multiple of 1/256 (p = 0.01 drops 1.17 %, p = 0.001 drops nothing).
import numpy as np


class VarianceStabilizedDropout:
    """Dropout with cheap 8-bit randomness (8x less memory traffic than doubles)."""

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self._rng = np.random.default_rng(rng)
        self._level = round(p * 256)
        self._scale = (1.0 - p) ** -0.5

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        coin = self._rng.integers(0, 256, size=x.shape, dtype=np.uint8)
        keep = coin.astype(np.int16) >= self._level
        out = np.zeros(x.shape, dtype=x.dtype)
        np.multiply(x, self._scale, out=out, where=keep)
        return out

    __call__ = forward
