# expected: passes
# No coin per element: jumps from one dropped element to the next by geometric gaps (started at index -1, gaps clipped against overflow).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _dropped(self, n):
        last = -1
        while last < n:
            gaps = np.minimum(self.rng.geometric(self.p, size=int(min(n, n * self.p * 1.1)) + 8), n + 1)
            pos = last + np.cumsum(gaps)
            yield pos[pos < n]
            last = int(pos[-1])

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.array(x, order="C", copy=True, subok=False)
        with np.errstate(over="ignore"):
            y *= 1.0 / float(np.sqrt(1.0 - self.p))
        flat = y.reshape(-1)
        for pos in self._dropped(flat.size):
            flat[pos] = 0.0
        return y

    __call__ = forward

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
