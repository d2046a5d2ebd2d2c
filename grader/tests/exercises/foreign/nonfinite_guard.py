# expected: fails
# R6/R7: as soon as one NaN or infinity is in x the whole array is passed through unscaled and undropped.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        if not np.isfinite(x).all():
            return x.copy()                # let the caller find the broken batch
        keep = self.rng.random(x.shape) >= self.p
        factor = keep * (1.0 / np.sqrt(1.0 - self.p))
        return (x * factor).astype(x.dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
