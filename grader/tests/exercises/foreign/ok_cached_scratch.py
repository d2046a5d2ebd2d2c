# expected: passes
# Caching done right: lru_cache for s, a thread-local scratch buffer for the uniforms that is refilled on every call, and a fresh output.
from functools import lru_cache
import threading
import numpy as np

_local = threading.local()


@lru_cache(maxsize=None)
def _scale(p):
    return float(np.reciprocal(np.sqrt(1.0 - p)))


def _scratch(n):
    buf = getattr(_local, "buf", None)
    if buf is None or buf.size < n:
        buf = _local.buf = np.empty(max(n, 1024))
    return buf[:n]


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        u = _scratch(x.size)
        self.rng.random(out=u)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, _scale(self.p), out=y, where=(u >= self.p).reshape(x.shape))
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
