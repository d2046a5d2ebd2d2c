# expected: bad p
# R1 NaN raises: isinstance(p, float) guards isnan, np.float32('nan') passes (honest)
import numpy as np
import math


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if (isinstance(p, float) and math.isnan(p)) or p < 0 or p >= 1:
            raise ValueError("p must be in [0, 1)")
        p = float(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        q = 1.0 - self.p
        keep = self.rng.random(x.shape) < q
        scale = 1.0 / float(np.sqrt(q))
        y = np.where(keep, x * scale, 0.0).astype(x.dtype)
        return y

    __call__ = forward
