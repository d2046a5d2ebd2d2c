# expected: passes
# Keeps come from Generator.binomial(1, 1-p), used as an index with np.putmask on a scaled copy.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError("p")
        self.p, self.training = float(p), True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = x.copy()
        y *= float(np.sqrt(np.reciprocal(1.0 - self.p)))
        np.putmask(y, self.rng.binomial(1, 1.0 - self.p, size=x.shape) == 0, 0.0)
        return y

    def __call__(self, x):
        return self.forward(x)
