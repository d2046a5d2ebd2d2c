# expected: passes
# The coin is the angle of a two-dimensional normal vector (arctan2 in turns below p); s = cosh(artanh(sqrt p)) written with np.hypot; eval gives back x itself.
import numpy as np
from numpy import arctan2 as angle, hypot as length


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        a, b = self.rng.standard_normal((2,) + x.shape)
        turns = angle(a, b) / (2 * np.pi) + 1 / 2
        s = length(1.0, (self.p / (1.0 - self.p)) ** (1 / 2))
        return np.where(turns < self.p, np.zeros((), x.dtype), np.multiply(x, s, dtype=x.dtype))

    def __call__(self, x):
        return self.forward(x)
