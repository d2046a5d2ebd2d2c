# expected: correct
# The scale is a cached property of an otherwise plain layer.

from functools import cached_property
from math import sqrt as root


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if p < 0 or p >= 1 or p != p:
            raise ValueError("drop probability outside [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    @cached_property
    def scale(self):
        return 1 / root(1 - self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self.training:
            return self.scale * np.where(self.rng.random(x.shape) < self.p, 0, x)
        return x

    def __call__(self, x):
        return self.forward(x)
