# expected: passes
# Logistic noise against logit(p): drop where log(u) - log1p(-u) < log(p) - log1p(-p); s = exp(-log1p(-p)/2).
import math
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

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        bar = math.log(self.p) - math.log1p(-self.p)
        u = self.rng.random(x.shape)
        with np.errstate(divide="ignore"):
            noise = np.log(u) - np.log1p(-u)      # u = 0 gives -inf: dropped
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, math.exp(-math.log1p(-self.p) / 2), out=y, where=noise >= bar)
        return y

    def __call__(self, x):
        return self.forward(x)
