# expected: fails
# R6: drop positions are the running sum of geometric gaps, which start at 1, so the first element of the array is never dropped.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _positions(self, n):
        last, parts = 0, []
        while last < n:
            gaps = self.rng.geometric(self.p, size=int(n * self.p) + 16)
            pos = last + np.cumsum(np.minimum(gaps, n + 1))
            parts.append(pos[pos < n])
            last = int(pos[-1])
        return np.concatenate(parts) if parts else np.empty(0, int)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        y = np.array(x, order="C", copy=True)
        y *= (1 - self.p) ** -0.5
        y.reshape(-1)[self._positions(x.size)] = 0
        return y

    __call__ = forward

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
