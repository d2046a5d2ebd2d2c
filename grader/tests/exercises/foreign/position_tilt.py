# expected: fails
# R6: the rate runs linearly over the flat position, from p - 0.06 p(1-p) to p + 0.06 p(1-p) (0.485 to 0.515 at p = 0.5); only its mean is p.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        rate = np.full(x.size, self.p)
        if x.size > 1:
            rate += 0.06 * self.p * (1 - self.p) * np.linspace(-1.0, 1.0, x.size)
        keep = (self.rng.random(x.size) >= rate).reshape(x.shape)
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=keep)
        return out

    __call__ = forward
