# expected: passes
# The dropped places are found by jumping geometric gaps (inverse transform, exact), on an array walked in a random direction; works in a flat copy.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training, self.rng = float(p), True, np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def _places(self, n):
        """0-based places of successes in n Bernoulli(p) trials."""
        rate = -np.log1p(-self.p)
        found, last = [], -1
        while last < n - 1:
            m = int((n - 1 - last) * self.p) + 32
            # floor(E / rate) failures, then a success
            skip = np.minimum(self.rng.standard_exponential(m) / rate, n).astype(np.int64)
            at = last + np.cumsum(skip + 1)
            found.append(at[at < n])
            last = int(at[-1])
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def forward(self, x):
        if not self.training or not self.p:
            return np.array(x)
        flat = x.flatten()
        with np.errstate(over="ignore"):
            flat *= flat.dtype.type((1 - self.p) ** -0.5)
        places = self._places(flat.size)
        if self.rng.integers(2):
            places = flat.size - 1 - places
        flat[places] = 0
        return flat.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
