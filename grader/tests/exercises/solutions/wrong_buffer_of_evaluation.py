# expected: holds only in part
# R3 no later call changes what was returned: in evaluation a 3-d non-contiguous x is copied to one buffer per shape
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must be in [0, 1), got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.ev = {}

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            if x.flags.c_contiguous:
                return x
            out = self.ev.setdefault((x.shape, x.dtype.str), np.empty(x.shape, x.dtype))
            out[...] = x
            return out
        q = 1.0 - self.p
        keep = self.rng.random(x.shape) < q
        scale = 1.0 / float(np.sqrt(q))
        y = np.where(keep, x * scale, 0.0).astype(x.dtype)
        return y

    __call__ = forward
