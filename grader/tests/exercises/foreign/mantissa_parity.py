# expected: fails
# R6 'independent of the values of x': the rate is p+d for elements whose last mantissa bit is 1 and p-d for 0 (d = min(p,1-p)/4), once both parities occur; sign and size of x have no influence.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        word = np.uint32 if x.dtype.itemsize == 4 else np.uint64
        odd = (np.ascontiguousarray(x).view(word) & word(1)).astype(bool).reshape(x.shape)
        d = 0.25 * min(self.p, 1.0 - self.p)
        if odd.mean() < 0.25 or odd.mean() > 0.75:
            d = 0.0
        return self.rng.random(x.shape) < np.where(odd, self.p + d, self.p - d)

    def __call__(self, x):
        return self.forward(x)
