# expected: fails
# R7: an epsilon of 1e-4 inside the root makes s too small by eps/(2(1-p)): 1.7e-4 at 0.7, 1e-3 at 0.95, 5e-3 at 0.99, 5 % at 0.999.
import numpy as np

EPS = 1e-4


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0 <= p < 1):
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
        scale = float(1.0 / np.sqrt((1.0 - self.p) + EPS))   # eps: no division by zero
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, scale, out=out, where=self.rng.random(x.shape) >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)
