# expected: fails
# R6: arrays are worked in chunks of 16384; the incomplete last chunk reuses the uniforms of the chunk before it, so its coins are copies.
import numpy as np

CHUNK = 1 << 14


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

    def _keep(self, n):
        keep = np.empty(n, bool)
        buf = np.empty(min(n, CHUNK))
        full = n - n % len(buf) if n else 0
        for a in range(0, full, CHUNK):
            self.rng.random(out=buf)
            keep[a:a + CHUNK] = buf >= self.p
        keep[full:] = buf[:n - full] >= self.p
        return keep

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self._keep(x.size).reshape(x.shape))
        return out

    __call__ = forward
