# expected: passes
# right: Generator.choice of the multiplier itself
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        q = 1.0 - self.p
        s = 1.0 / np.sqrt(q)
        return (x * self.rng.choice([0.0, s], size=x.shape, p=[1.0 - q, q])).astype(x.dtype, copy=False)

    __call__ = forward
