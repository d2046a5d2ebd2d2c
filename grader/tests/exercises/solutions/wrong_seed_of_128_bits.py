# expected: holds only in part
# R1 an int seed of any size: seeds of 2**128 and more overflow to_bytes (honest)
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must be in [0, 1), got {p}")
        self.p = p
        if isinstance(rng, (int, np.integer)):
            rng = list(int(rng).to_bytes(16, "little"))
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
