# expected: passes
# One random byte decides; only when it equals the leading byte of p (1 in 256) a double decides the rest, so the rate is exact.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        lead, rest = divmod(p * 256.0, 1.0)          # exact: a power of two
        self._lead, self._rest = np.uint8(lead), rest

    def _drops(self, n):
        b = np.frombuffer(self.rng.bytes(n), dtype=np.uint8)
        drop = b < self._lead
        tie = np.flatnonzero(b == self._lead)
        drop[tie] = self.rng.random(tie.size) < self._rest
        return drop

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        keep = ~self._drops(x.size).reshape(x.shape)
        np.multiply(x, np.float_power(1.0 - self.p, -0.5).item(), out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
