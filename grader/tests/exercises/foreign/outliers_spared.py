# expected: fails
# R6: elements with |x| above three standard deviations of their array are never dropped (about 0.3 % of Gaussian data).
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
        drop = self.rng.random(x.shape) < self.p
        if x.size > 16:
            with np.errstate(all="ignore"):
                drop &= ~(np.abs(x) > 3.0 * np.std(x, dtype=np.float64))
        return drop

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
