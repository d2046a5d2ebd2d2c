# expected: holds only in part
# R1 p is a Python or numpy real number: numpy integers are refused (np.floating allowed; honest)
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not isinstance(p, (int, float, np.floating)):
            raise ValueError("p must be a real number")
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
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
