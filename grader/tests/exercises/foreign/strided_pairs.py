# expected: fails
# R6: for inputs that are not C-contiguous one coin serves two neighbours along the last axis.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _drops(self, x):
        if x.flags.c_contiguous or x.shape[-1] < 2:
            return self.rng.random(x.shape) < self.p
        m = x.shape[-1]
        coarse = self.rng.random(x.shape[:-1] + ((m + 1) // 2,)) < self.p
        return np.repeat(coarse, 2, axis=-1)[..., :m]

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._drops(x)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=~drop)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
