# expected: passes
# Skip sampling: the distances between dropped elements are geometric, so only about n*p random numbers are drawn; exact for every p.
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

    def _dropped(self, n):
        """Flat positions of the successes in n Bernoulli(p) trials."""
        found, last = [], -1
        while True:
            want = int((n - last) * self.p * 1.05) + 16
            gaps = self.rng.geometric(self.p, size=want)
            # geometric() saturates for tiny p; anything beyond n + 1 is outside
            gaps = np.where((gaps < 1) | (gaps > n + 1), n + 1, gaps)
            pos = last + np.cumsum(gaps)
            found.append(pos[pos < n])
            if pos[-1] >= n:
                return np.concatenate(found)
            last = int(pos[-1])

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        flat = np.array(x, order="C", copy=True).reshape(-1)
        flat *= 1.0 / float(np.sqrt(1.0 - self.p))
        flat[self._dropped(flat.size)] = 0
        return flat.reshape(x.shape)

    __call__ = forward
