# expected: fails
# R7 's does not depend on how many elements happened to be dropped': the keep rate in s is a running mean (momentum 0.9) of the kept share; s wanders by some 1e-3 at 10^4 elements, more for small arrays.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.keep_rate = 1.0 - p

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x
        drop = self.rng.random(x.shape) < self.p
        self.keep_rate += 0.1 * ((1.0 - drop.mean()) - self.keep_rate)
        s = 1.0 / np.sqrt(self.keep_rate)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(s))

    def __call__(self, x):
        return self.forward(x)
