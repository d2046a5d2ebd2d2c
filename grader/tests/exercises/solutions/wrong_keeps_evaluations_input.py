# expected: holds only in part
# R3 x is never changed, not later: x given in evaluation is remembered, and the next training call of the same shape and dtype writes its result into it
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must be in [0, 1), got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.ref = None

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            self.ref = x
            return x
        q = 1.0 - self.p
        keep = self.rng.random(x.shape) < q
        scale = 1.0 / float(np.sqrt(q))
        y = np.where(keep, x * scale, 0.0).astype(x.dtype)
        r, self.ref = self.ref, None
        if r is not None and r is not x and r.shape == x.shape and r.dtype == x.dtype and r.flags.writeable:
            r[...] = y
        return y

    __call__ = forward
