# expected: fails
# R3: astype(float64, copy=False) returns x itself when x is float64, and the in-place product then changes the caller's array (float32 is safe).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError("p out of range")
        self.p = p
        self.training = True
        self.generator = np.random.default_rng(rng)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        if not self.training or self.p == 0:
            return np.asarray(x)
        x = np.asarray(x)
        # compute in double precision, go back to the input dtype at the end
        work = x.astype(np.float64, copy=False)
        keep = self.generator.random(x.shape) >= self.p
        work *= keep / np.sqrt(1 - self.p)
        return work.astype(x.dtype, copy=False)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
